namespace Palimpsest.Evaluation;

/// <summary>A context and a text that follows it as one sequence, of which the text is predicted.</summary>
/// <remarks>As lm-evaluation-harness does it: blanks at the context's end belong to the text, both are encoded as one,
/// and predicted are the tokens after as many as the context alone has.</remarks>
internal static class ContinuationEncoder
{
    /// <summary>The sequence.</summary>
    /// <param name="model">Encodes, and has so many positions.</param>
    /// <param name="row">The row, for messages.</param>
    /// <param name="continuation">The text.</param>
    /// <param name="specialTokens">Whether the context begins with the tokenizer's own tokens.</param>
    /// <exception cref="InputException">The text has no token of its own, or both are longer than the model's
    /// positions.</exception>
    public static TokenSequence Encode(IScoredModel model, TaskRow row, string continuation, bool specialTokens)
    {
        var context = row.Context.TrimEnd();
        var text = row.Context[context.Length..] + continuation;
        var (ids, start) =
            context.Length == 0
                ? AfterNothing(model, text)
                : (
                    model.Tokenizer.Encode(context + text, specialTokens),
                    model.Tokenizer.Encode(context, specialTokens).Length
                );
        if (start >= ids.Length)
            throw new InputException(
                $"{row.Place}: {JsonField.Shown(continuation)} has no token of its own after its context."
            );
        return ids.Length <= model.MaxTokens
            ? new(ids, start)
            : throw new InputException(
                $"{row.Place}: context and answer are {ids.Length} tokens; the model has {model.MaxTokens} positions."
            );
    }

    // Something has to stand before the first token that is predicted.
    private static (int[] Ids, int Start) AfterNothing(IScoredModel model, string text)
    {
        var first = model.EndTokens.Count > 0 ? model.EndTokens.Min() : model.PadId;
        return ([model.Tokenizer.BosId ?? first, .. model.Tokenizer.Encode(text, addSpecialTokens: false)], 1);
    }
}
