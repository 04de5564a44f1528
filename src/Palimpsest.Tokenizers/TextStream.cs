using System.Runtime.InteropServices;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>The text of a growing list of ids: what no later id can change is given out at once.</summary>
/// <remarks>
/// All pieces with the rest put together are <see cref="Tokenizer.Decode"/> of all ids. An id costs the same however
/// many came before it. Not safe for several threads.
/// </remarks>
public sealed class TextStream
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipsSpecialTokens;
    private readonly ITokenDecoderStream? _decoder;
    private readonly IReadOnlySet<int>? _shownSpecialTokens;
    private readonly Decoder? _bytes;
    private readonly List<int> _ids = [];

    internal TextStream(Tokenizer tokenizer, bool skipsSpecialTokens, ITokenDecoderStream? decoder) =>
        (_tokenizer, _skipsSpecialTokens, _decoder) = (tokenizer, skipsSpecialTokens, decoder);

    /// <summary>A stream of exact bytes.</summary>
    internal TextStream(Tokenizer tokenizer, IReadOnlySet<int> shownSpecialTokens)
    {
        (_tokenizer, _skipsSpecialTokens, _shownSpecialTokens) = (tokenizer, true, shownSpecialTokens);
        _bytes = Encoding.UTF8.GetDecoder();
    }

    /// <summary>False for the rare decoders whose text is certain only after the last token: all of it is then the
    /// rest.</summary>
    public bool IsIncremental => _decoder is not null || _bytes is not null;

    /// <summary>Takes an id and gives the text that is certain now and was not given before; empty where a character
    /// is not complete or a later token can change it.</summary>
    public string Add(int id)
    {
        if (_bytes is not null)
            return _tokenizer.IsSpecial(id) && !_shownSpecialTokens!.Contains(id)
                ? ""
                : Characters(_tokenizer.BytesOf(id) ?? [], ends: false);
        if (_decoder is null)
        {
            _ids.Add(id);
            return "";
        }

        if (_tokenizer.FindToken(id) is not { } token || (_skipsSpecialTokens && _tokenizer.IsSpecial(id)))
            return "";
        var pieces = new List<string>(2);
        _decoder.Add(token, pieces);
        return string.Concat(pieces);
    }

    /// <summary>What was held back, now that no more ids come.</summary>
    public string End()
    {
        if (_bytes is not null)
            return Characters([], ends: true);
        if (_decoder is null)
            return _tokenizer.Decode(CollectionsMarshal.AsSpan(_ids), _skipsSpecialTokens);
        var pieces = new List<string>();
        _decoder.End(pieces);
        return string.Concat(pieces);
    }

    private string Characters(byte[] bytes, bool ends)
    {
        var characters = new char[_bytes!.GetCharCount(bytes, ends)];
        return new(characters, 0, _bytes.GetChars(bytes, characters, ends));
    }
}
