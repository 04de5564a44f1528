namespace Palimpsest.Training;

/// <summary>Token-mean negative log-likelihood over the labelled tokens of the <c>train</c> batch.</summary>
public sealed class NextTokenLoss : IObjective
{
    /// <inheritdoc/>
    public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step) => throw new NotImplementedException();
}
