namespace Palimpsest.Training;

/// <summary>A scalar loss from named batches.</summary>
/// <remarks>An objective that is an <see cref="ITrainExtension"/> too is called as one, before the others.</remarks>
/// <typeparam name="TModel">What it can train.</typeparam>
public interface IObjective<in TModel> : ITrainState
    where TModel : ITrainable
{
    /// <summary>The loss, a float32 scalar with gradient.</summary>
    /// <param name="model">The model being trained.</param>
    /// <param name="batches">The micro-step's batches; never without a row.</param>
    /// <param name="step">Where training stands.</param>
    Tensor Loss(TModel model, StepBatches batches, TrainStep step);
}
