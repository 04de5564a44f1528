namespace Palimpsest.Tokenizers;

/// <summary>Longest match first, from the left; a word that cannot be covered is unknown as a whole.</summary>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly PieceCache _cache = new();
    private readonly string _continuingPrefix;
    private readonly int _unknownId;
    private readonly int _longestWord;
    private readonly int _longestToken;

    /// <summary>Reads a model of type WordPiece.</summary>
    public WordPieceModel(JsonField field)
    {
        Vocabulary = Vocabulary.Read(field["vocab"]);
        _continuingPrefix = field["continuing_subword_prefix"].AsString("##")!;
        _longestWord = field["max_input_chars_per_word"].IsNull
            ? 100
            : field["max_input_chars_per_word"].AsInteger(1, 100_000);
        _longestToken = Enumerable.Range(0, Vocabulary.Size).Max(id => (int?)Vocabulary.TokenOf(id)?.Length) ?? 0;
        var unknown = field["unk_token"].AsString("[UNK]")!;
        _unknownId =
            Vocabulary.IdOf(unknown)
            ?? throw field.Error($"the unknown token {JsonField.Shown(unknown)} is not in the vocabulary.");
    }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public ModelToken[] Tokenize(ReadOnlySpan<char> piece) =>
        _cache.Find(piece) ?? _cache.Keep(piece, Cover(piece) ?? [new ModelToken(_unknownId, 0, piece.Length)]);

    private ModelToken[]? Cover(ReadOnlySpan<char> piece)
    {
        var scalars = 0;
        foreach (var _ in piece.EnumerateRunes())
            scalars++;
        if (scalars > _longestWord)
            return null;
        var tokens = new List<ModelToken>();
        for (var start = 0; start < piece.Length; )
        {
            var end = Math.Min(piece.Length, start + _longestToken);
            int? id = null;
            for (; end > start; end--)
            {
                if (end < piece.Length && char.IsLowSurrogate(piece[end]) && char.IsHighSurrogate(piece[end - 1]))
                    continue;
                id = Vocabulary.IdOf(start == 0 ? piece[start..end] : $"{_continuingPrefix}{piece[start..end]}");
                if (id is not null)
                    break;
            }

            if (id is null)
                return null;
            tokens.Add(new ModelToken(id.Value, start, end));
            start = end;
        }

        return [.. tokens];
    }
}
