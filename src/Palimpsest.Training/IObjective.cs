namespace Palimpsest.Training;

/// <summary>A scalar loss from named batches.</summary>
public interface IObjective
{
    /// <summary>The loss, a float32 scalar with gradient.</summary>
    /// <param name="model">The model being trained.</param>
    /// <param name="batches">The micro-step's batches.</param>
    /// <param name="step">Where training stands.</param>
    Tensor Loss(CausalLM model, StepBatches batches, TrainStep step);
}
