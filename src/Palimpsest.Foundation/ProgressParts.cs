namespace Palimpsest.Foundation;

/// <summary>Joins the progress of parts of unequal length to that of the whole, which never goes back.</summary>
/// <param name="whole">Told how far the whole is; may be null.</param>
/// <param name="weights">How much work each part is, at least 0; in any unit that is the same for all.</param>
public sealed class ProgressParts(IProgress<TaskProgress>? whole, IReadOnlyList<double> weights)
{
    private const long Scale = 10_000;

    private readonly double _all = Math.Max(weights.Sum(), double.Epsilon);
    private readonly Lock _gate = new();
    private long _furthest;

    /// <summary>Takes the progress of one part.</summary>
    /// <param name="index">The part's number, from 0.</param>
    /// <param name="title">What the part is, in a few words.</param>
    /// <param name="stages">How many stages the part will go through, each as long as the others; at least 1.</param>
    public IProgress<TaskProgress> Part(int index, string title, int stages = 1) =>
        new OnePart(this, index, title, Require.AtLeast(stages, 1));

    /// <summary>Says that a part has ended, with whatever it reported.</summary>
    /// <param name="index">The part's number, from 0.</param>
    /// <param name="title">What the part was.</param>
    public void End(int index, string title) => Report(index, 1, title, "");

    private void Report(int index, double share, string title, string note)
    {
        lock (_gate)
        {
            var done = weights.Take(index).Sum() + weights[index] * share;
            _furthest = Math.Max(_furthest, (long)(Scale * done / _all));
            whole?.Report(new(title, _furthest, Scale, note, IsShare: true));
        }
    }

    private sealed class OnePart(ProgressParts parts, int index, string title, int stages) : IProgress<TaskProgress>
    {
        private string? _stage;
        private long _done;
        private int _ended;

        public void Report(TaskProgress value)
        {
            // A stage without a length only says what begins; one that starts again is another one.
            if (value.Total > 0)
            {
                if (_stage is not null && (value.Stage != _stage || value.Done < _done))
                    _ended++;
                (_stage, _done) = (value.Stage, value.Done);
            }

            var inside = value.Total == 0 ? 0 : Math.Clamp((double)value.Done / value.Total, 0, 1);
            var share = Math.Min(1, (_ended + inside) / stages);
            parts.Report(index, share, title, $"{value.Stage} {value.Note}".TrimEnd());
        }
    }
}
