using System.Diagnostics;
using Palimpsest.Training;

namespace Palimpsest.Samples.Tofu;

/// <summary>Prints where the work stands: a line when a stage begins, and one every half minute.</summary>
internal sealed class ProgressLines : IProgress<TaskProgress>
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private TimeSpan _next;
    private string? _stage;

    /// <summary>Prints a line now.</summary>
    public void Say(FormattableString line) => Say(FormattableString.Invariant(line));

    /// <inheritdoc/>
    public void Report(TaskProgress value)
    {
        lock (_gate)
        {
            if (value.Stage == _stage && _clock.Elapsed < _next)
                return;
            (_stage, _next) = (value.Stage, _clock.Elapsed + TimeSpan.FromSeconds(30));
        }

        Say(FormattableString.Invariant($"{value.Stage}: {value.Done} of {value.Total} {value.Note}"));
    }

    /// <summary>Shows training steps as a stage.</summary>
    public IProgress<TrainProgress> Of(string stage) => new Steps(this, stage);

    private void Say(string line) => Console.Out.WriteLine($"[{_clock.Elapsed:h\\:mm\\:ss}] {line}");

    private sealed class Steps(ProgressLines lines, string stage) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) =>
            lines.Report(
                new(
                    stage,
                    value.Step,
                    value.TotalSteps,
                    FormattableString.Invariant($"loss {value.Loss:f3}, {value.TokensPerSecond:f0} tokens/s")
                )
            );
    }
}
