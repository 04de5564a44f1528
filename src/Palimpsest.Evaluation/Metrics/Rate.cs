namespace Palimpsest.Evaluation;

/// <summary>A share with its count; never shown without its interval.</summary>
/// <param name="Hits">Successes, in [0, N].</param>
/// <param name="N">Trials; 0 means that nothing was measured.</param>
public readonly record struct Rate(int Hits, int N)
{
    /// <summary>Hits / N; NaN when nothing was measured.</summary>
    [WhenMissing("nothing was measured")]
    public double Value => N == 0 ? double.NaN : (double)Hits / N;

    /// <summary>Wilson's 95 % interval; [0, 1] when nothing was measured.</summary>
    public Interval Interval => WilsonInterval.Of(Hits, N);
}
