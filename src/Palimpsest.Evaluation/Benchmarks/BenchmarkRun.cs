namespace Palimpsest.Evaluation;

/// <summary>Where the measurement of one model by a benchmark reports and what it keeps.</summary>
public sealed record BenchmarkRun
{
    /// <summary>Told after each part; may be null.</summary>
    public IProgress<TaskProgress>? Progress { get; init; }

    /// <summary>Where finished parts are kept, so that a stopped measurement goes on; it belongs to this
    /// model.</summary>
    public StageFolder Stages { get; init; } = StageFolder.None;
}
