namespace Palimpsest.Inference;

/// <summary>Keeps the entries that score best by their keys alone, head by head; no attention weight is looked
/// at.</summary>
/// <param name="options">How many stay, and when the others leave.</param>
public abstract class KeyScorePolicy(KeyScoreOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public abstract string Id { get; }

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => options.AtSteps;

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (RowBudgets.At(pass, options.Budget, options.AtSteps) is { } counts)
            EntrySelection.CutDown(pass, counts, ScoresOf);
    }

    /// <summary>Scores [B, Hkv, S] of what is held; higher stays.</summary>
    protected abstract Tensor ScoresOf(KvSegment segment);
}
