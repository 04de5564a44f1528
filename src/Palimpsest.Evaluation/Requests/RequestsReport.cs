namespace Palimpsest.Evaluation;

/// <summary>Deletion requests one after another: whether the model keeps the rest (sustainability), and whether earlier
/// ones stay forgotten. Shi et al. 2024, arXiv:2407.06460.</summary>
public sealed record RequestsReport
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>What the model knew of each request's rows before.</summary>
    public required IReadOnlyDictionary<string, RowKnowledge> Before { get; init; }

    /// <summary>What it knew of the rows to be kept before; null without any.</summary>
    [WhenMissing("no rows to be kept were given")]
    public RowKnowledge? KeptBefore { get; init; }

    /// <summary>The steps in their order.</summary>
    public required IReadOnlyList<RequestStep> Steps { get; init; }

    /// <summary>What the last model knows of every other row of each request, by request; requests of one row are left
    /// out.</summary>
    public required IReadOnlyDictionary<string, RowKnowledge> BeforeRelearning { get; init; }

    /// <summary>The same rows after the others were taught again: the attack on every erasure at the end.</summary>
    public required IReadOnlyDictionary<string, RowKnowledge> AfterRelearning { get; init; }
}
