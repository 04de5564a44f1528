namespace Palimpsest.Reproductions;

/// <summary>Next-token loss by the dense head, its rows in a given order, or by tiles of a given size.</summary>
internal sealed class HeadLoss : IObjective
{
    private readonly TiledCrossEntropyOptions? _tiles;
    private readonly RowOrder _order;
    private readonly bool _rounded;

    private HeadLoss(TiledCrossEntropyOptions? tiles, RowOrder order, bool rounded) =>
        (_tiles, _order, _rounded) = (tiles, order, rounded);

    private const long Ignored = -100;
    private const double BrainFloatEpsilon = 1.0 / 4096;

    /// <summary>The loss tile by tile.</summary>
    public static HeadLoss Tiled(TiledCrossEntropyOptions tiles) => new(tiles, RowOrder.AsGiven, rounded: false);

    /// <summary>The dense loss; other orders of its rows are equal but for rounding.</summary>
    public static HeadLoss Dense(RowOrder order) => new(null, order, rounded: false);

    /// <summary>The dense loss of logits that are rounded to bfloat16: a real error, for comparison.</summary>
    public static HeadLoss RoundedLogits() => new(null, RowOrder.AsGiven, rounded: true);

    /// <inheritdoc/>
    public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
    {
        using var scope = NewDisposeScope();
        return Of(model, batches[StepBatches.Train]).MoveToOuterDisposeScope();
    }

    /// <summary>Share of the backward pass's tiles whose every entry lies below bfloat16's threshold, 2⁻¹².</summary>
    public static double SkippedShare(CausalLM model, TokenBatch batch, TiledCrossEntropyOptions tiles, bool sorted)
    {
        using var scope = NewDisposeScope();
        var (skipped, all) = (0, 0);
        var options = tiles with
        {
            FilterEpsilon = BrainFloatEpsilon,
            SortVocabulary = sorted,
            TileVisited = filtered => (skipped, all) = (skipped + (filtered ? 1 : 0), all + 1),
        };
        using var grad = no_grad();
        var hidden = Hidden(model, batch);
        using (enable_grad())
            TiledCrossEntropy
                .Loss(
                    hidden.detach().requires_grad_(),
                    model.HeadWeight.detach(),
                    Labels(batch),
                    LossReduction.TokenMean,
                    shift: 1,
                    options: options
                )
                .backward();
        return (double)skipped / all;
    }

    private Tensor Of(CausalLM model, TokenBatch batch)
    {
        var (hidden, labels) = (Hidden(model, batch), Labels(batch));
        if (_tiles is not null)
            return TiledCrossEntropy.Loss(
                hidden,
                model.HeadWeight,
                labels,
                LossReduction.TokenMean,
                model.HeadBias,
                shift: 1,
                options: _tiles
            );
        var (count, width) = (labels.shape[1] - 1, hidden.shape[2]);
        var (rows, targets) = (hidden.narrow(1, 0, count).reshape(-1, width), labels.narrow(1, 1, count).reshape(-1));
        if (Permutation(_order, rows.shape[0]) is { } permutation)
            (rows, targets) = (rows.index_select(0, permutation), targets.index_select(0, permutation));
        var logits = model.HeadLogits(rows);
        if (_rounded)
            logits = logits.to(ScalarType.BFloat16).to(ScalarType.Float32);
        return nn.functional.cross_entropy(logits, targets, ignore_index: Ignored);
    }

    private static Tensor? Permutation(RowOrder order, long count)
    {
        if (order == RowOrder.AsGiven)
            return null;
        var rows = arange(count, dtype: ScalarType.Int64);
        if (order == RowOrder.Reversed)
            return rows.flip(0);
        if (order == RowOrder.OddFirst)
            return cat([rows[TensorIndex.Slice(1, null, 2)], rows[TensorIndex.Slice(0, null, 2)]]);
        return rows.roll(count / 2);
    }

    private static Tensor Hidden(CausalLM model, TokenBatch batch) =>
        model
            .Forward(
                new()
                {
                    TokenIds = batch.Ids,
                    AttentionMask = batch.AttentionMask,
                    Logits = LogitsFor.None,
                }
            )
            .Hidden;

    private static Tensor Labels(TokenBatch batch) => batch.Ids.masked_fill(batch.LabelMask.logical_not(), Ignored);
}
