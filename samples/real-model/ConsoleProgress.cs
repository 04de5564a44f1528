using System.Diagnostics;
using Palimpsest.Training;

namespace Palimpsest.Samples;

/// <summary>A plain line every few seconds.</summary>
internal sealed class ConsoleProgress : IProgress<TaskProgress>, IProgress<TrainProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next;

    public void Report(TaskProgress value)
    {
        if (_clock.Elapsed < _next)
            return;
        _next = _clock.Elapsed + Interval;
        Console.WriteLine($"  {value.Stage} {value.Done}/{value.Total} {value.Note}".TrimEnd());
    }

    public void Report(TrainProgress value) =>
        Report(
            new TaskProgress(
                "step",
                value.Step,
                value.TotalSteps,
                FormattableString.Invariant($"loss {value.Loss:f3}, {value.TokensPerSecond:f0} tokens/s")
            )
        );
}
