namespace Palimpsest.Training;

/// <summary>The one training loop; it owns the optimiser step.</summary>
/// <param name="options">Settings.</param>
/// <param name="extensions">Hooks, called in order.</param>
public sealed class Trainer(TrainOptions options, params IReadOnlyList<ITrainExtension> extensions)
{
    /// <summary>Trains every parameter of the model that requires a gradient; resumes from the run folder's last checkpoint.</summary>
    public Task<TrainResult> RunAsync(
        CausalLM model, IBatchSource data, IObjective objective, IProgress<TrainProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{options}{extensions.Count}");
}
