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
            var defaults = new CodeEraserOptions();
            var plain = options with
            {
                StopNgram = defaults.StopNgram,
                StopMargin = defaults.StopMargin,
                StopPatience = defaults.StopPatience,
            };
            return plain == options
                ? null
                : throw new InputException(
                    $"{id}: stop-ngram, stop-margin and stop-patience have no effect without held-out rows."
                );
        }

        var batches = (job.Forget.Count + job.BatchSize - 1) / job.BatchSize;
        var accumulation = job.Training.GradientAccumulation;
        return new(
            job.Forget,
            MemorizationLevel.Of(job.Model, job.Holdout, options.StopNgram, cancellationToken),
            options,
            every: (batches + accumulation - 1) / accumulation
        );
    }
}
