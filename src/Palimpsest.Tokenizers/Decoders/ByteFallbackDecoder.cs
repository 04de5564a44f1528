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
    public List<string> Decode(List<string> tokens)
    {
        var output = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (
                token.Length == 6
                && token.StartsWith("<0x", StringComparison.Ordinal)
                && token[5] == '>'
                && byte.TryParse(
                    token.AsSpan(3, 2),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out var value
                )
            )
            {
                run.Add(value);
                continue;
            }

            Flush(run, output);
            output.Add(token);
        }

        Flush(run, output);
        return output;
    }

    private static void Flush(List<byte> run, List<string> output)
    {
        if (run.Count == 0)
            return;
        try
        {
            output.Add(Strict.GetString(run.ToArray()));
        }
        catch (DecoderFallbackException)
        {
            output.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }

        run.Clear();
    }
}
