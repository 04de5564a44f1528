using TorchSharp.Modules;

namespace Palimpsest.Training;

/// <summary>The micro-batches of one step, with the loss of each.</summary>
public sealed class GradientWork
{
    private readonly IBatchSource _data;
    private readonly Func<StepBatches, TrainStep, Tensor> _loss;
    private readonly Action<TrainStep> _afterBackward;
    private readonly int _totalSteps;

    internal GradientWork(
        (IReadOnlyList<Parameter> Parameters, int Step, int TotalSteps, int MicroBatches) where,
        IBatchSource data,
        Func<StepBatches, TrainStep, Tensor> loss,
        Action<TrainStep> afterBackward
    )
    {
        (Parameters, Step, _totalSteps, MicroBatches) = where;
        (_data, _loss, _afterBackward) = (data, loss, afterBackward);
    }

    /// <summary>The parameters that train.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Zero-based optimiser step.</summary>
    public int Step { get; }

    /// <summary>Micro-batches of the step, at least 1.</summary>
    public int MicroBatches { get; }

    /// <summary>Where training stands at a micro-batch of the step.</summary>
    /// <param name="micro">In [0, <see cref="MicroBatches"/>).</param>
    public TrainStep Position(int micro)
    {
        var index = (long)Step * MicroBatches + micro;
        return new(Step, index, (int)(index / _data.BatchesPerEpoch), _totalSteps);
    }

    /// <summary>The batches of a micro-batch; the caller disposes them.</summary>
    /// <param name="micro">In [0, <see cref="MicroBatches"/>).</param>
    public StepBatches Batch(int micro) => _data.Batch(Position(micro).MicroBatch);

    /// <summary>The loss of batches with at least one row, a scalar with gradient.</summary>
    public Tensor Loss(StepBatches batches, TrainStep position) => _loss(batches, position);

    /// <summary>Tells the extensions that a micro-batch's gradient was added.</summary>
    public void AfterBackward(TrainStep position) => _afterBackward(position);
}
