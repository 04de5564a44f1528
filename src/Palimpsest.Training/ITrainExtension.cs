namespace Palimpsest.Training;

/// <summary>Hooks into training; every member does nothing unless overridden.</summary>
public interface ITrainExtension
{
    /// <summary>Before the first step.</summary>
    void OnTaskStart(CausalLM model, TrainOptions options) { }

    /// <summary>After a micro-batch's backward pass: gradients may be changed in place (gradient masks,
    /// projections).</summary>
    void AfterBackward(CausalLM model, TrainStep step) { }

    /// <summary>Before the optimiser writes: may change the update in place (update masks). Shapes as the
    /// parameter.</summary>
    /// <remarks>Asked for only when <see cref="MasksUpdates"/> is true, since it costs a buffer per
    /// parameter.</remarks>
    void OnUpdate(TorchSharp.Modules.Parameter parameter, Tensor update, TrainStep step) { }

    /// <summary>True when <see cref="OnUpdate"/> is to be called.</summary>
    bool MasksUpdates => false;

    /// <summary>After an optimiser step; return true to stop training there.</summary>
    bool AfterStep(CausalLM model, TrainProgress progress) => false;

    /// <summary>After the last step.</summary>
    void OnTaskEnd(CausalLM model) { }
}
