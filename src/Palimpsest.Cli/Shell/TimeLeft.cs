namespace Palimpsest.Cli;

/// <summary>Estimates how long work will still take from how far it is.</summary>
/// <remarks>What was there already when the work began, or comes at once from an earlier run, says nothing of the
/// speed and is left out.</remarks>
/// <param name="now">The time since some start.</param>
public sealed class TimeLeft(Func<TimeSpan> now)
{
    private const double LeastShare = 0.005;
    private const double Jump = 0.01;
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);

    private string? _work;
    private double _first;
    private double _share;
    private TimeSpan _begun;
    private TimeSpan _last;

    /// <summary>The time that is left; null as long as nothing is known.</summary>
    /// <param name="work">What is being done; other work is estimated anew.</param>
    /// <param name="share">How much of it is done, in [0, 1].</param>
    public TimeSpan? Of(string work, double share)
    {
        var time = now();
        if (work != _work || share < _share)
            (_work, _first, _begun) = (work, share, time);
        else if (time - _last < AtOnce && share - _share > Jump)
            _first += share - _share;
        (_share, _last) = (share, time);
        var (done, spent) = (share - _first, time - _begun);
        return done < LeastShare || spent < LeastTime ? null : spent * ((1 - share) / done);
    }

    /// <summary>A time as people read it: <c>0:42</c>, <c>12:05</c>, <c>3:07:00</c>; dashes for an unknown
    /// one.</summary>
    public static string Text(TimeSpan? left)
    {
        if (left is not { } time)
            return "-:--";
        var whole = TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));
        return whole < TimeSpan.FromHours(1)
            ? FormattableString.Invariant($"{whole:m\\:ss}")
            : FormattableString.Invariant($"{(long)whole.TotalHours}:{whole:mm\\:ss}");
    }
}
