using Palimpsest.Inference;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary>What a method reads.</summary>
/// <param name="Forget">Rows to be forgotten.</param>
/// <param name="Retain">Rows to be kept, or null.</param>
/// <param name="Alternates">Other answers, or null.</param>
/// <param name="Anchors">Expressions with generic stand-ins, or null.</param>
internal sealed record ForgetData(RowSet Forget, RowSet? Retain, OtherAnswers? Alternates, AnchorDictionary? Anchors)
{
    /// <summary>The requests that the rows to be forgotten belong to, in the rows' order; null for one.</summary>
    public IReadOnlyList<DeletionRequest>? Requests { get; init; }

    /// <summary>Rows that the model never saw, or null.</summary>
    public RowSet? Holdout { get; init; }

    /// <summary>The rows as a model's tokens, in a job with default settings.</summary>
    /// <exception cref="InputException">A row is longer than the model's positions.</exception>
    public UnlearnJob Encode(LanguageModel language) =>
        new()
        {
            Model = language.Decoder,
            PadId = language.PadId,
            Forget = EncodedRows.Of(language, Forget.Name, Forget.Rows),
            Retain = Retain is null ? [] : EncodedRows.Of(language, Retain.Name, Retain.Rows),
            Alternates = Alternates?.Encode(language) ?? [],
            Holdout = Holdout is null ? [] : EncodedRows.Of(language, Holdout.Name, Holdout.Rows),
            Anchors = Anchors?.Encode(language.Tokenizer) ?? [],
        };
}
