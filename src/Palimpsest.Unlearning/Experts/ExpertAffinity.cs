namespace Palimpsest.Unlearning;

/// <summary>How much of rows a router would give to an expert.</summary>
/// <param name="Layer">Zero-based layer.</param>
/// <param name="Expert">Zero-based expert.</param>
/// <param name="Affinity">Mean router probability over tokens, and over rows, in [0, 1]; those of a layer sum to
/// 1.</param>
public sealed record ExpertAffinity(int Layer, int Expert, double Affinity)
{
    /// <summary>Affinities of all experts to rows, the highest first; of equal ones the first in the model.</summary>
    /// <remarks>s = (1/Z) Σ_j (1/L_j) Σ_t g_t over Z rows of L_j tokens, padding left out, g the softmax over all
    /// experts of a layer. Shared experts have no router and no affinity.</remarks>
    /// <param name="model">A model with experts.</param>
    /// <param name="rows">Encoded rows, at least one.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="batchSize">Rows per pass, at least 1.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <exception cref="InputException">The model has no experts.</exception>
    public static IReadOnlyList<ExpertAffinity> Measure(
        CausalLM model,
        IReadOnlyList<TokenSequence> rows,
        int padId,
        int batchSize,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        RequireExperts(model, "Expert attribution");
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count, nameof(rows));
        using var grad = no_grad();
        var sums = new Dictionary<int, double[]>();
        foreach (var chunk in rows.Chunk(Require.AtLeast(batchSize, 1, nameof(batchSize))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Collate(chunk, padId, device: model.Device);
            foreach (var router in Routers(model, batch))
            {
                var found = RowMeans(router.Probabilities, batch.AttentionMask).sum([0]).cpu().data<float>().ToArray();
                if (!sums.TryGetValue(router.Layer, out var sum))
                    sums[router.Layer] = sum = new double[found.Length];
                for (var expert = 0; expert < sum.Length; expert++)
                    sum[expert] += found[expert];
            }
        }

        return
        [
            .. sums.OrderBy(pair => pair.Key)
                .SelectMany(pair => pair.Value.Select((sum, e) => new ExpertAffinity(pair.Key, e, sum / rows.Count)))
                .OrderByDescending(affinity => affinity.Affinity),
        ];
    }

    /// <summary>Refuses a model without experts.</summary>
    internal static void RequireExperts(CausalLM model, string who)
    {
        if (model.Config.Experts is null)
            throw new InputException(
                $"{who} needs a model with experts (mixture of experts); this {model.Config.Family} model has none."
            );
    }

    /// <summary>What the routers decide of a batch.</summary>
    internal static IReadOnlyList<RouterTrace> Routers(CausalLM model, TokenBatch batch) =>
        model
            .Forward(
                new()
                {
                    TokenIds = batch.Ids,
                    AttentionMask = batch.AttentionMask,
                    Logits = LogitsFor.None,
                }
            )
            .Routers;

    /// <summary>Means over each row's real tokens: [B, T, N] or [B, T] gives [B, N] or [B].</summary>
    internal static Tensor RowMeans(Tensor values, Tensor real)
    {
        using var scope = NewDisposeScope();
        var weights = real.to(ScalarType.Float32);
        var shaped = values.dim() == weights.dim() ? weights : weights.unsqueeze(-1);
        return ((values * shaped).sum(1) / shaped.sum(1)).MoveToOuterDisposeScope();
    }
}
