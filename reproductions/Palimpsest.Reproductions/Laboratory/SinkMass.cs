namespace Palimpsest.Reproductions;

/// <summary>Keeps everything and sums up how much attention the first entries draw.</summary>
/// <param name="sinks">How many first entries, at least 1.</param>
internal sealed class SinkMass(int sinks) : IKvPolicy
{
    private double _onSinks,
        _all;

    /// <summary>Their share of all attention so far.</summary>
    public double Share => _onSinks / _all;

    /// <inheritdoc/>
    public string Id => "sink-mass";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => new(ColumnSums: true);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        using var scope = NewDisposeScope();
        var sums = pass.Observed.ColumnSums!;
        if (sums.shape[2] <= sinks)
            return;
        _onSinks += sums.narrow(2, 0, sinks).sum().item<float>();
        _all += sums.sum().item<float>();
    }
}
