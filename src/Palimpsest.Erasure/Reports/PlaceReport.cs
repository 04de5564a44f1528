namespace Palimpsest.Erasure;

/// <summary>What became of a request in one place.</summary>
/// <param name="Place">Its name.</param>
/// <param name="Status">What reading it again has shown.</param>
/// <param name="Found">What was there and what was done, a sentence.</param>
public sealed record PlaceReport(string Place, ErasureStatus Status, string Found)
{
    /// <summary>Numbers that probes have measured, each under a name that has its unit; none where nothing was
    /// measured.</summary>
    public IReadOnlyDictionary<string, double> Measured { get; init; } = new Dictionary<string, double>();
}
