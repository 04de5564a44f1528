namespace Palimpsest.Unlearning;

/// <summary>CodeEraser, and where there are held-out rows the stop that is measured on them.</summary>
internal static class CodeEraserMethod
{
    /// <summary>The method.</summary>
    public static Unlearner Create(string id, CodeEraserOptions options) =>
        new(id, new CodeEraser(options), options)
        {
            MeasuredStop = (job, cancellationToken) => Stop(id, options, job, cancellationToken),
        };

    private static MemorizationStop? Stop(
        string id,
        CodeEraserOptions options,
        UnlearnJob job,
        CancellationToken cancellationToken
    )
    {
        if (job.Holdout.Count == 0)
        {
            return options.Stop == new CodeEraserOptions().Stop
                ? null
                : throw new InputException(
                    $"{id}: StopNgram, StopMargin and StopPatience have no effect without held-out rows."
                );
        }

        var batches = (job.Forget.Count + job.BatchSize - 1) / job.BatchSize;
        var accumulation = job.Training.GradientAccumulation;
        return new(
            job.Forget,
            MemorizationLevel.Of(job.Model, job.Holdout, options.StopNgram, cancellationToken),
            options.Stop with
            {
                Every = (batches + accumulation - 1) / accumulation,
            }
        );
    }
}
