namespace Palimpsest.Tokenizers;

/// <summary>One token per piece.</summary>
internal sealed class WordLevelModel : ITokenModel
{
    private readonly int? _unknownId;

    /// <summary>Reads a model of type WordLevel.</summary>
    public WordLevelModel(JsonField field)
    {
        Vocabulary = Vocabulary.Read(field["vocab"]);
        _unknownId = Vocabulary.IdOf(field["unk_token"].AsString("<unk>"));
    }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public ModelToken[] Tokenize(ReadOnlySpan<char> piece) =>
        (Vocabulary.IdOf(piece) ?? _unknownId) is { } id
            ? [new ModelToken(id, 0, piece.Length)]
            : throw new InputException(
                $"tokenizer.json: {JsonField.Shown(piece.ToString())} is not in the vocabulary and there is no unknown "
                    + $"token."
            );
}
