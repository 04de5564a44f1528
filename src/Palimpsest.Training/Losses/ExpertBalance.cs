namespace Palimpsest.Training;

/// <summary>
/// Load balancing of a mixture of experts: L = E · Σ_k Σ_e f_ke · P_e; f_ke is the share of tokens whose k-th
/// choice is expert e, P_e the mean router probability of e, both over the tokens of all layers together.
/// </summary>
/// <remarks>
/// As transformers computes it for Mixtral, Qwen2-MoE and OLMoE. A uniform router gives K, the experts per token;
/// gradients flow through P alone. Fedus et al. 2021, arXiv:2101.03961, equations 4 to 6.
/// </remarks>
public static class ExpertBalance
{
    /// <summary>The loss of one forward pass, a float32 scalar with gradient.</summary>
    /// <param name="routers">One trace per mixture-of-experts layer: probabilities [B, T, E], choices [B, T,
    /// K].</param>
    /// <param name="attentionMask">Real tokens [B, T] int64 or bool; null counts every token.</param>
    /// <exception cref="ArgumentException">There is no trace.</exception>
    public static Tensor Loss(IReadOnlyList<RouterTrace> routers, Tensor? attentionMask = null)
    {
        ArgumentNullException.ThrowIfNull(routers);
        if (routers.Count == 0)
            throw new ArgumentException("A model without experts has nothing to balance.", nameof(routers));
        using var scope = NewDisposeScope();
        var probabilities = cat([.. routers.Select(r => r.Probabilities.flatten(0, 1))], 0); // [N, E]
        var choices = cat([.. routers.Select(r => r.TopExperts.flatten(0, 1))], 0); // [N, K]
        var experts = probabilities.shape[1];
        var counts = attentionMask is null
            ? ones([probabilities.shape[0], 1], device: probabilities.device)
            : attentionMask.to(ScalarType.Float32).reshape(1, -1).expand(routers.Count, -1).reshape(-1, 1); // [N, 1]
        var total = counts.sum().clamp_min(1);
        var chosen = nn.functional.one_hot(choices, experts).to(ScalarType.Float32); // [N, K, E]
        var share = (chosen * counts.unsqueeze(-1)).sum([0]) / total; // [K, E]
        var mean = (probabilities * counts).sum([0]) / total; // [E]
        return ((share * mean).sum() * experts).MoveToOuterDisposeScope();
    }
}
