namespace Palimpsest.Training;

/// <summary>Hooks into training; every member does nothing unless overridden.</summary>
public interface ITrainExtension : ITrainState
{
    /// <summary>Before the first step, on the model as it was given: a checkpoint's weights and state are read
    /// afterwards.</summary>
    void OnTaskStart(ITrainable model, TrainOptions options) { }

    /// <summary>After a micro-batch's backward pass: the sums of gradients so far may be changed in place.</summary>
    /// <remarks>Not called where a gradient source clips by example: a change here would undo the clipping.</remarks>
    void AfterBackward(ITrainable model, TrainStep step) { }

    /// <summary>After the last micro-batch and before clipping: the step's gradient may be changed in place
    /// (projections, gradient masks, terms added by hand).</summary>
    /// <param name="model">Its parameters have the gradients.</param>
    /// <param name="step">Where training stands, at the last micro-batch.</param>
    /// <param name="gradientScale">What the optimiser multiplies the gradients by: 1 over the micro-batches of a step
    /// for the plain sum.</param>
    void BeforeStep(ITrainable model, TrainStep step, double gradientScale) { }

    /// <summary>The weights whose updates <see cref="OnUpdate"/> changes; asked once, after
    /// <see cref="OnTaskStart"/>.</summary>
    /// <remarks>Only these leave the optimiser's fast path. Weights that do not train are left out.</remarks>
    IEnumerable<ParameterRef> MaskedWeights(ITrainable model) => [];

    /// <summary>Before the optimiser writes: may change the update, weight decay included, in place.</summary>
    /// <param name="weight">One of <see cref="MaskedWeights"/>.</param>
    /// <param name="update">What is about to be added to the weight, in its shape as stored [Out, In] or [Out].</param>
    /// <param name="step">Where training stands, at the last micro-batch.</param>
    void OnUpdate(ParameterRef weight, Tensor update, TrainStep step) { }

    /// <summary>After an optimiser step; return true to stop training there.</summary>
    bool AfterStep(ITrainable model, TrainProgress progress) => false;

    /// <summary>After the last step.</summary>
    void OnTaskEnd(ITrainable model) { }
}
