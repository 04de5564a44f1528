using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Runs of <c>&lt;0x41&gt;</c> back into characters; a run that is not UTF-8 becomes one U+FFFD per
/// byte.</summary>
internal sealed class ByteFallbackDecoder : ITokenDecoder
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <inheritdoc/>
    public bool Fuses => false;

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var output = new List<string>(tokens.Count);
        var runs = new Runs();
        foreach (var token in tokens)
            runs.Add(token, output);
        runs.End(output);
        return output;
    }

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool fused) => fused ? null : new Runs();

    /// <inheritdoc/>
    public TokenPart? Within(TokenPart part, bool fused)
    {
        if (fused || part.Text is not { } text)
            return null;
        return TryByte(text, out var value) ? new(null, [value]) : part;
    }

    private static bool TryByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6
            && token.StartsWith("<0x", StringComparison.Ordinal)
            && token[5] == '>'
            && byte.TryParse(
                token.AsSpan(3, 2),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out value
            );
    }

    private sealed class Runs : ITokenDecoderStream
    {
        private readonly List<byte> _run = [];

        public void Add(string token, List<string> output)
        {
            if (TryByte(token, out var value))
            {
                _run.Add(value);
                return;
            }

            End(output);
            output.Add(token);
        }

        public void End(List<string> output)
        {
            if (_run.Count == 0)
                return;
            try
            {
                output.Add(Strict.GetString(_run.ToArray()));
            }
            catch (DecoderFallbackException)
            {
                output.AddRange(Enumerable.Repeat("\uFFFD", _run.Count));
            }

            _run.Clear();
        }
    }
}
