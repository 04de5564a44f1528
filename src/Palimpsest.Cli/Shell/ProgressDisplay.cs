using System.Diagnostics;
using Spectre.Console;

namespace Palimpsest.Cli;

/// <summary>Shows long work: a bar with percent and time left on a terminal, a plain line every few seconds
/// elsewhere.</summary>
/// <param name="console">Where to draw.</param>
/// <param name="interactive">Whether bars can be drawn.</param>
public sealed class ProgressDisplay(IAnsiConsole console, bool interactive)
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="work"/> while drawing what it reports.</summary>
    public Task<T> RunAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work) =>
        interactive ? RunBarAsync(title, work) : RunPlainAsync(title, work);

    private Task<T> RunBarAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work)
    {
        var line = new ProgressLine(title, null, null);
        return console
            .Progress()
            .AutoClear(true)
            .Columns(new ProgressLineColumn(() => Volatile.Read(ref line)))
            .StartAsync(async context =>
            {
                context.AddTask(Markup.Escape(title));
                var estimate = new Estimate();
                var sink = new Sink(report => Volatile.Write(ref line, estimate.Line(title, report)));
                return await work(sink).ConfigureAwait(false);
            });
    }

    private async Task<T> RunPlainAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work)
    {
        var last = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        var estimate = new Estimate();
        var sink = new Sink(report =>
        {
            var line = estimate.Line(title, report);
            if (clock.Elapsed - last < PlainInterval)
                return;
            last = clock.Elapsed;
            var share = line.Share is { } done ? FormattableString.Invariant($", {Math.Floor(100 * done):f0} %") : "";
            var left = line.Left is null ? "" : $", {TimeLeft.Text(line.Left)} left";
            console.WriteLine($"{line.Description}{share}{left}");
        });
        return await work(sink).ConfigureAwait(false);
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

    private sealed class Estimate
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly TimeLeft _left;
        private string? _stage;
        private TimeSpan _begun;
        private long _first;

        public Estimate() => _left = new(() => _clock.Elapsed);

        public ProgressLine Line(string title, TaskProgress report)
        {
            double? share = report.Total == 0 ? null : Math.Clamp((double)report.Done / report.Total, 0, 1);
            // The stages of one whole share its time; others have each their own.
            var whole = report.IsShare ? "" : report.Stage;
            var left = share is { } done ? _left.Of(whole, done) : null;
            string[] words = [$"{title}:", report.Stage, Rate(report), report.Note];
            return new(string.Join(' ', words.Where(word => word.Length > 0)), share, left);
        }

        private string Rate(TaskProgress report)
        {
            if (report.IsShare)
                return "";
            if (report.Stage != _stage)
                (_stage, _first, _begun) = (report.Stage, report.Done, _clock.Elapsed);
            var (count, seconds) = (report.Done - _first, (_clock.Elapsed - _begun).TotalSeconds);
            return count > 0 && seconds > 0 ? FormattableString.Invariant($"{count / seconds:g3}/s") : "";
        }
    }
}
