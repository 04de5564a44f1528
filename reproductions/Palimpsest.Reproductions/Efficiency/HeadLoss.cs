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
        var batch = batches[StepBatches.Train];
        return Of(Hidden(model, batch), model.HeadWeight, model.HeadBias, Labels(batch)).MoveToOuterDisposeScope();
    }

    /// <summary>Share of the backward pass's tiles whose every entry is below bfloat16's threshold, 2⁻¹².</summary>
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

    /// <summary>How far the loss and the gradients of hidden states and head are from those in float64, relative to
    /// these: |Δ| / |exact| of the loss, ‖Δ‖ / ‖exact‖ of a gradient.</summary>
    public (double Loss, double Hidden, double Head) ErrorsOf(CausalLM model, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var hidden = Hidden(model, batch);
        var exact = Dense(SumOrder.AsGiven).GradientsOf(model, hidden, batch, ScalarType.Float64);
        var own = GradientsOf(model, hidden, batch, ScalarType.Float32);
        static double Error(Tensor value, Tensor of) =>
            ((value.to(ScalarType.Float64) - of).norm() / of.norm()).item<double>();
        return (Error(own.Loss, exact.Loss), Error(own.Hidden, exact.Hidden), Error(own.Head, exact.Head));
    }

    private (Tensor Loss, Tensor Hidden, Tensor Head) GradientsOf(
        CausalLM model,
        Tensor hidden,
        TokenBatch batch,
        ScalarType type
    )
    {
        using var grad = enable_grad();
        var (states, head) = (Leaf(hidden), Leaf(model.HeadWeight));
        var loss = Of(states, head, model.HeadBias?.detach().to(type), Labels(batch));
        loss.backward();
        return (loss.detach(), states.grad!, head.grad!);

        Tensor Leaf(Tensor tensor) => tensor.detach().to(type).alias().requires_grad_();
    }

    private Tensor Of(Tensor hidden, Tensor head, Tensor? bias, Tensor labels)
    {
        if (_tiles is not null)
            return TiledCrossEntropy.Loss(hidden, head, Next(labels), LossReduction.TokenMean, bias, _tiles);
        var (count, width) = (labels.shape[1] - 1, hidden.shape[2]);
        var (rows, targets) = (hidden.narrow(1, 0, count).reshape(-1, width), labels.narrow(1, 1, count).reshape(-1));
        if (_order == SumOrder.RowsReversed)
            (rows, targets) = (rows.flip(0), targets.flip(0));
        if (_order == SumOrder.VocabularyReversed)
        {
            (head, bias) = (head.flip(0), bias?.flip(0));
            targets = where(targets == Ignored, targets, head.shape[0] - 1 - targets);
        }

        var logits = nn.functional.linear(rows, head, bias);
        if (_rounded)
            logits = logits.to(ScalarType.BFloat16).to(ScalarType.Float32);
        return nn.functional.cross_entropy(logits, targets, ignore_index: Ignored);
    }

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
