namespace Palimpsest.Reproductions;

/// <summary>Next-token loss by the dense head, its sums in a given order, or by tiles of a given size.</summary>
internal sealed class HeadLoss : IObjective
{
    private readonly TiledCrossEntropyOptions? _tiles;
    private readonly SumOrder _order;
    private readonly bool _rounded;

    private HeadLoss(TiledCrossEntropyOptions? tiles, SumOrder order, bool rounded) =>
        (_tiles, _order, _rounded) = (tiles, order, rounded);

    private const long Ignored = -100;
    private const double BrainFloatEpsilon = 1.0 / 4096;

    /// <summary>The loss tile by tile.</summary>
    public static HeadLoss Tiled(TiledCrossEntropyOptions tiles) => new(tiles, SumOrder.AsGiven, rounded: false);

    /// <summary>The dense loss; other orders of its sums are equal but for rounding.</summary>
    public static HeadLoss Dense(SumOrder order) => new(null, order, rounded: false);

    /// <summary>The dense loss of logits that are rounded to bfloat16: a real error, for comparison.</summary>
    public static HeadLoss RoundedLogits() => new(null, SumOrder.AsGiven, rounded: true);

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
                    Next(Labels(batch)),
                    LossReduction.TokenMean,
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
                Next(labels),
                LossReduction.TokenMean,
                model.HeadBias,
                options: _tiles
            );
        var (count, width) = (labels.shape[1] - 1, hidden.shape[2]);
        var (rows, targets) = (hidden.narrow(1, 0, count).reshape(-1, width), labels.narrow(1, 1, count).reshape(-1));
        if (_order == SumOrder.RowsReversed)
            (rows, targets) = (rows.flip(0), targets.flip(0));
        var logits = _order == SumOrder.VocabularyReversed ? Reversed(model, rows) : model.HeadLogits(rows);
        if (_order == SumOrder.VocabularyReversed)
            targets = where(targets == Ignored, targets, logits.shape[1] - 1 - targets);
        if (_rounded)
            logits = logits.to(ScalarType.BFloat16).to(ScalarType.Float32);
        return nn.functional.cross_entropy(logits, targets, ignore_index: Ignored);
    }

    /// <summary>Logits [N, V], the last entry of the vocabulary first.</summary>
    private static Tensor Reversed(CausalLM model, Tensor rows) =>
        nn.functional.linear(rows, model.HeadWeight.flip(0), model.HeadBias?.flip(0));

    private static TokenLabels Next(Tensor labels) => new(labels) { Shift = 1 };

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
