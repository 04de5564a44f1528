namespace Palimpsest.Unlearning;

/// <summary>Adds noise to the embeddings of a subject and puts states of another pass back at tokens.</summary>
/// <param name="start">The subject's first token.</param>
/// <param name="noise">[B, subject tokens, D], or [1, subject tokens, D] for all rows alike.</param>
/// <param name="states">By site, what is put back [T, D].</param>
/// <param name="tokens">Where, in every row.</param>
internal sealed class TracingTap(
    int start,
    Tensor noise,
    IReadOnlyDictionary<TapSite, Tensor> states,
    IReadOnlyList<int> tokens
) : ITap
{
    /// <inheritdoc/>
    public IReadOnlyList<TapSite> Sites { get; } = [new(0, TapPoint.TokenEmbedding), .. states.Keys];

    /// <inheritdoc/>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        using var scope = NewDisposeScope();
        var changed = activation.clone();
        if (context.Point == TapPoint.TokenEmbedding)
        {
            changed.narrow(1, start, noise.shape[1]).add_(noise);
        }
        else
        {
            var places = tensor(tokens.Select(at => (long)at).ToArray(), device: activation.device);
            var kept = states[new(context.Layer, context.Point)].index_select(0, places);
            changed.index_copy_(1, places, kept.expand(changed.shape[0], -1, -1));
        }

        return changed.MoveToOuterDisposeScope();
    }
}
