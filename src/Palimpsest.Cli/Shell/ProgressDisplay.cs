using System.Diagnostics;
using Spectre.Console;

namespace Palimpsest.Cli;

/// <summary>Shows long work: a bar with rate and ETA on a terminal, a plain line every few seconds elsewhere.</summary>
/// <param name="console">Where to draw; null draws nothing.</param>
/// <param name="interactive">Whether bars can be drawn.</param>
public sealed class ProgressDisplay(IAnsiConsole? console, bool interactive)
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="work"/> while drawing what it reports.</summary>
    public async Task<T> RunAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work)
    {
        if (console is null)
            return await work(new Sink(_ => { })).ConfigureAwait(false);
        return interactive
            ? await RunBarAsync(title, work).ConfigureAwait(false)
            : await RunPlainAsync(title, work).ConfigureAwait(false);
    }

    private Task<T> RunBarAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work) =>
        console!
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn(),
                new SpinnerColumn()
            )
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(title));
                var rate = new Rate();
                return await work(
                        new Sink(report =>
                        {
                            task.IsIndeterminate = report.Total == 0;
                            task.MaxValue = Math.Max(1, report.Total);
                            task.Value = report.Done;
                            task.Description = Markup.Escape(
                                $"{title}: {report.Stage} {rate.Of(report)} {report.Note}".TrimEnd()
                            );
                        })
                    )
                    .ConfigureAwait(false);
            });

    private async Task<T> RunPlainAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work)
    {
        var last = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        var rate = new Rate();
        return await work(
                new Sink(report =>
                {
                    if (clock.Elapsed - last < PlainInterval)
                        return;
                    last = clock.Elapsed;
                    var share =
                        report.Total == 0
                            ? ""
                            : FormattableString.Invariant($" {100.0 * report.Done / report.Total:f0} %");
                    console!.WriteLine($"{title}: {report.Stage}{share} {rate.Of(report)} {report.Note}".TrimEnd());
                })
            )
            .ConfigureAwait(false);
    }

    private sealed class Sink(Action<TaskProgress> report) : IProgress<TaskProgress>
    {
        private readonly Lock _gate = new();

        public void Report(TaskProgress value)
        {
            lock (_gate)
                report(value);
        }
    }

    private sealed class Rate
    {
        private readonly Stopwatch _clock = new();
        private string? _stage;
        private long _first;

        public string Of(TaskProgress report)
        {
            if (report.Stage != _stage)
            {
                _stage = report.Stage;
                _first = report.Done;
                _clock.Restart();
                return "";
            }

            var rate = (report.Done - _first) / Math.Max(_clock.Elapsed.TotalSeconds, 1e-3);
            if (report.Total == 0 || rate <= 0)
                return "";
            var left = TimeSpan.FromSeconds((report.Total - report.Done) / rate);
            return FormattableString.Invariant($"{rate:g3}/s, {left:m\\:ss} left");
        }
    }
}
