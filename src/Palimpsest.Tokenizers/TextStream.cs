using System.Runtime.InteropServices;

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
    private readonly List<int> _ids = [];

    internal TextStream(Tokenizer tokenizer, bool skipsSpecialTokens, ITokenDecoderStream? decoder) =>
        (_tokenizer, _skipsSpecialTokens, _decoder) = (tokenizer, skipsSpecialTokens, decoder);

    /// <summary>False for the rare decoders whose text is certain only after the last token: all of it is then the
    /// rest.</summary>
    public bool IsIncremental => _decoder is not null;

    /// <summary>Takes an id and gives the text that is certain now and was not given before; empty where a character
    /// is not complete or a later token can change it.</summary>
    public string Add(int id)
    {
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
        if (_decoder is null)
            return _tokenizer.Decode(CollectionsMarshal.AsSpan(_ids), _skipsSpecialTokens);
        var pieces = new List<string>();
        _decoder.End(pieces);
        return string.Concat(pieces);
    }
}
