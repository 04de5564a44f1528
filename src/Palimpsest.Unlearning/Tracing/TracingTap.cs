namespace Palimpsest.Unlearning;

/// <summary>Adds noise to the subject in all rows but the first, and puts the first row's states back at tokens.</summary>
internal sealed class TracingTap(
    TracedFact fact,
    Tensor noise,
    IReadOnlyList<TapSite> restored,
    IReadOnlyList<int> tokens
) : ITap, IDisposable
{
    private readonly Tensor? _places = tokens.Count == 0 ? null : tensor(tokens.Select(at => (long)at).ToArray());

    /// <inheritdoc/>
    public IReadOnlyList<TapSite> Sites { get; } = [new(0, TapPoint.TokenEmbedding), .. restored];

    /// <inheritdoc/>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        using var scope = NewDisposeScope();
        var changed = activation.clone();
        if (context.Point == TapPoint.TokenEmbedding)
            changed
                .narrow(0, 1, noise.shape[0])
                .narrow(1, fact.SubjectStart, fact.SubjectEnd - fact.SubjectStart)
                .add_(noise);
        else
            Restore(changed, activation[0], _places!.to(activation.device));
        return changed.MoveToOuterDisposeScope();
    }

    private static void Restore(Tensor changed, Tensor clean, Tensor places) =>
        changed.index_copy_(1, places, clean.index_select(0, places).expand(changed.shape[0], -1, -1));

    /// <inheritdoc/>
    public void Dispose() => _places?.Dispose();
}
