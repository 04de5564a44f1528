namespace Palimpsest.Evaluation;

/// <summary>Thresholds of the verdict.</summary>
public sealed record VerdictOptions
{
    /// <summary>Recovery up to this is none, in [0, 1].</summary>
    public double LowRecovery
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.2;

    /// <summary>Recovery from this on is a return of the knowledge, in [0, 1].</summary>
    public double HighRecovery
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.5;

    /// <summary>Utility, as a share of the original's, below which a model has collapsed, in [0, 1].</summary>
    public double LeastUtility
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.5;

    /// <summary>Largest absolute privacy leakage of a model that never saw the rows, in percent.</summary>
    public double MostPrivLeak
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    } = 10;
}
