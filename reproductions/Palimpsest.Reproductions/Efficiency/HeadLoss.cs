namespace Palimpsest.Reproductions;

/// <summary>Next-token loss by the dense head or by tiles of a given size.</summary>
/// <param name="tiles">Sizes of the tiles; null takes the dense loss.</param>
/// <param name="reversed">Sums the dense loss's rows in reverse order: equal but for rounding.</param>
internal sealed class HeadLoss(TiledCrossEntropyOptions? tiles, bool reversed = false) : IObjective
{
    private const long Ignored = -100;
    private const double BrainFloatEpsilon = 1.0 / 4096;

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
        if (tiles is not null)
            return TiledCrossEntropy.Loss(
                hidden,
                model.HeadWeight,
                Next(labels),
                LossReduction.TokenMean,
                model.HeadBias,
                options: tiles
            );
        var (count, width) = (labels.shape[1] - 1, hidden.shape[2]);
        var (rows, targets) = (hidden.narrow(1, 0, count).reshape(-1, width), labels.narrow(1, 1, count).reshape(-1));
        if (reversed)
            (rows, targets) = (rows.flip(0), targets.flip(0));
        return nn.functional.cross_entropy(model.HeadLogits(rows), targets, ignore_index: Ignored);
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
