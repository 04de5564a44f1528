using Palimpsest.Training;

namespace Palimpsest.Unlearning;

/// <summary>Trains a copy of a job's model by the NLL of rows, where the job lets weights change.</summary>
internal static class CopyTraining
{
    /// <summary>Trains the copy.</summary>
    /// <param name="job">Model, settings, extensions, and which weights may change.</param>
    /// <param name="rows">Read in the job's batches.</param>
    /// <param name="stops">Ends it early; null for nothing.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The copy, which the caller disposes, and what its training did.</returns>
    public static async Task<(CausalLM Model, TrainResult Training)> RunAsync(
        UnlearnJob job,
        IReadOnlyList<TokenSequence> rows,
        StopRules? stops,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var model = job.Model.Clone();
        try
        {
            foreach (var parameter in model.parameters())
                parameter.requires_grad_(true);
            using var selected = SelectedWeights.Of(job, cancellationToken);
            selected?.Apply(model);
            ITrainExtension?[] extensions = [selected, .. job.Extensions, stops];
            var source = new SequenceBatchSource(
                rows,
                job.BatchSize,
                job.PadId,
                job.Training.Seed,
                device: model.Device
            );
            var trainer = new Trainer(job.Training, [.. extensions.OfType<ITrainExtension>()]) { Logger = job.Logger };
            var training = await trainer
                .RunAsync(model, source, new NextTokenLoss(), progress, cancellationToken)
                .ConfigureAwait(false);
            model.eval();
            return (model, training);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
