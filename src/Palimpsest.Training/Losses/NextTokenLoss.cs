namespace Palimpsest.Training;

/// <summary>Token-mean negative log-likelihood over the labelled tokens of the <c>train</c> batch.</summary>
public sealed class NextTokenLoss : IObjective
{
    /// <inheritdoc/>
    public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
    {
        using var scope = NewDisposeScope();
        var batch = batches[StepBatches.Train];
        return TokenNll.BatchTokenMean(TokenNll.PerToken(model, batch), batch.LabelMask).MoveToOuterDisposeScope();
    }
}
