using System.Text.Json;

namespace Palimpsest.Tokenizers;

/// <summary>Builds the model of <c>tokenizer.json</c>.</summary>
internal static class TokenModelReader
{
    /// <summary>The model of a field.</summary>
    public static ITokenModel Read(JsonField field)
    {
        if (field.IsNull)
            throw field.Error("missing; a tokenizer needs a model.");
        var kind = KindOf(field);
        return kind switch
        {
            "BPE" => new BpeModel(field),
            "Unigram" => new UnigramModel(field),
            "WordPiece" => new WordPieceModel(field),
            "WordLevel" => new WordLevelModel(field),
            _ => throw field.Error(
                $"{JsonField.Shown(kind)} is not a known model: BPE, Unigram, WordPiece or WordLevel."
            ),
        };
    }

    /// <summary>The kind that a field names.</summary>
    public static string KindOf(JsonField field) => field["type"].AsString(null) ?? Guess(field);

    /// <summary>Files of early versions do not name the kind.</summary>
    private static string Guess(JsonField field)
    {
        if (!field["merges"].IsNull)
            return "BPE";
        if (field["vocab"].Value.ValueKind == JsonValueKind.Array)
            return "Unigram";
        return field["continuing_subword_prefix"].IsNull ? "WordLevel" : "WordPiece";
    }
}
