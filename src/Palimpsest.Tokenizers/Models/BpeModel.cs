using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Byte-pair encoding: merges the pair of lowest rank, leftmost first, until none is left.</summary>
internal sealed class BpeModel : ITokenModel
{
    private readonly MergeTable _merges;
    private readonly PieceCache _cache = new();
    private readonly string _continuingPrefix;
    private readonly string _endSuffix;
    private readonly int? _unknownId;
    private readonly bool _fusesUnknown;
    private readonly bool _prefersWhole;
    private readonly int[]? _byteIds;

    /// <summary>Reads a model of type BPE.</summary>
    public BpeModel(JsonField field)
    {
        Vocabulary = Vocabulary.Read(field["vocab"]);
        _continuingPrefix = field["continuing_subword_prefix"].AsString(null) ?? "";
        _endSuffix = field["end_of_word_suffix"].AsString(null) ?? "";
        _merges = MergeTable.Read(field["merges"], Vocabulary, _continuingPrefix);
        _fusesUnknown = field["fuse_unk"].AsBoolean(false);
        _prefersWhole = field["ignore_merges"].AsBoolean(false);
        _byteIds = field["byte_fallback"].AsBoolean(false) ? Vocabulary.ByteIds() : null;
        if (field["unk_token"].AsString(null) is not { } unknown)
            return;
        _unknownId = Vocabulary.IdOf(unknown);
        // With every byte in the vocabulary nothing is ever unknown, and published files name a token all the same.
        if (_unknownId is null && !HasEveryByte())
            throw field["unk_token"].Error($"{JsonField.Shown(unknown)} is not in the vocabulary.");
    }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public ModelToken[] Tokenize(ReadOnlySpan<char> piece)
    {
        if (_cache.Find(piece) is { } known)
            return known;
        if (_prefersWhole && Vocabulary.IdOf(piece) is { } whole)
            return _cache.Keep(piece, [new ModelToken(whole, 0, piece.Length)]);
        var symbols = Symbols(piece);
        return _cache.Keep(piece, BpeMerger.Merge(symbols, _merges));
    }

    // Every byte that UTF-8 has.
    private bool HasEveryByte()
    {
        if (_continuingPrefix.Length + _endSuffix.Length > 0)
            return false;
        for (var value = 0; value < 0xF5; value++)
        {
            if (value is 0xC0 or 0xC1)
                continue;
            if (Vocabulary.IdOf(ByteAlphabet.CharOf((byte)value).ToString()) is null && !(_byteIds?[value] >= 0))
                return false;
        }

        return true;
    }

    private List<ModelToken> Symbols(ReadOnlySpan<char> piece)
    {
        var symbols = new List<ModelToken>(piece.Length);
        ModelToken? unknown = null;
        for (var i = 0; i < piece.Length; )
        {
            var rune = UnicodeClass.At(piece, i, out var length);
            var next = i + length;
            if (IdOfSymbol(piece, i, next) is { } id)
            {
                Flush(symbols, ref unknown);
                symbols.Add(new ModelToken(id, i, next));
            }
            else if (!TryAddBytes(rune, i, next, symbols) && _unknownId is { } unknownId)
            {
                if (!_fusesUnknown)
                    Flush(symbols, ref unknown);
                unknown = new ModelToken(unknownId, unknown?.Start ?? i, next);
            }

            i = next;
        }

        Flush(symbols, ref unknown);
        return symbols;
    }

    private int? IdOfSymbol(ReadOnlySpan<char> piece, int start, int end)
    {
        var prefix = start > 0 ? _continuingPrefix : "";
        var suffix = end == piece.Length ? _endSuffix : "";
        return prefix.Length + suffix.Length == 0
            ? Vocabulary.IdOf(piece[start..end])
            : Vocabulary.IdOf($"{prefix}{piece[start..end]}{suffix}");
    }

    private bool TryAddBytes(Rune rune, int start, int end, List<ModelToken> symbols)
    {
        if (_byteIds is null)
            return false;
        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..rune.EncodeToUtf8(bytes)];
        foreach (var value in bytes)
        {
            if (_byteIds[value] < 0)
                return false;
        }

        foreach (var value in bytes)
            symbols.Add(new ModelToken(_byteIds[value], start, end));
        return true;
    }

    private static void Flush(List<ModelToken> symbols, ref ModelToken? unknown)
    {
        if (unknown is { } token)
            symbols.Add(token);
        unknown = null;
    }
}
