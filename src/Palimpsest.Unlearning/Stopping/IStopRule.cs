namespace Palimpsest.Unlearning;

/// <summary>Ends a run by what is measured.</summary>
public interface IStopRule : ITrainState
{
    /// <summary>Measures the model after a step.</summary>
    /// <param name="model">The model in training; evaluation leaves it as it is.</param>
    /// <param name="progress">What the step did.</param>
    /// <returns>Why to stop there, with the measured numbers, or null to go on.</returns>
    string? Check(CausalLM model, TrainProgress progress);
}
