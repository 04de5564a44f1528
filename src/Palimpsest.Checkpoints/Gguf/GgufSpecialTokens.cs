namespace Palimpsest.Checkpoints;

/// <summary>The special tokens of a GGUF file.</summary>
/// <param name="Begin">Beginning-of-sequence id, or null.</param>
/// <param name="End">End-of-sequence id, or null.</param>
/// <param name="Unknown">The id of what the vocabulary lacks, or null.</param>
/// <param name="Pad">Padding id, or null.</param>
/// <param name="Ends">Every id that ends an answer, <paramref name="End"/> first.</param>
internal sealed record GgufSpecialTokens(int? Begin, int? End, int? Unknown, int? Pad, IReadOnlyList<int> Ends)
{
    /// <summary>Tokens that end a turn in published chat formats; many files do not say so in any key.</summary>
    private static readonly HashSet<string> EndsOfTurns = new(StringComparer.Ordinal)
    {
        "<|eot_id|>",
        "<|im_end|>",
        "<|end|>",
        "<end_of_turn>",
        "<|endoftext|>",
        "<|eom_id|>",
        "<|end_of_text|>",
        "<EOT>",
        "</s>",
    };

    /// <summary>Reads the ids; a file without a tokenizer has none.</summary>
    /// <exception cref="InputException">An id is not one of the vocabulary's.</exception>
    public static GgufSpecialTokens Read(GgufMetadata metadata)
    {
        var tokens = metadata.Texts("tokenizer.ggml.tokens");
        var kinds = metadata.Wholes("tokenizer.ggml.token_type");
        var pieces = metadata.Text("tokenizer.ggml.model") == "llama";
        var end = Id("eos") ?? Default(2);
        var ends = new List<int?> { end, Id("eot"), Id("eom") };
        for (var id = 0; id < Math.Min(tokens?.Count ?? 0, kinds?.Count ?? 0); id++)
        {
            if (kinds![id] == GgufVocabulary.Control && EndsOfTurns.Contains(tokens![id]))
                ends.Add(id);
        }

        return new(
            Id("bos") ?? Default(1),
            end,
            Id("unknown") ?? Default(0),
            Id("padding"),
            [.. ends.OfType<int>().Distinct()]
        );

        int? Id(string role) =>
            metadata.WholeOrNull(
                $"tokenizer.ggml.{role}_token_id",
                0,
                tokens is { Count: > 0 } ? tokens.Count - 1 : Vocabulary.MostIds
            );

        int? Default(int id) => pieces && tokens?.Count > id ? id : null;
    }
}
