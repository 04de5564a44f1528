namespace Palimpsest.Training;

/// <summary>How the micro-batches of a step become a gradient.</summary>
public interface IGradientSource : ITrainState
{
    /// <summary>Reads the step's micro-batches and leaves what they give in the parameters' gradients, which are null
    /// at the start.</summary>
    StepGradient Compute(GradientWork work);
}
