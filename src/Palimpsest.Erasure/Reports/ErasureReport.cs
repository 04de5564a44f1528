namespace Palimpsest.Erasure;

/// <summary>What became of a request, place by place.</summary>
/// <param name="Places">Every place that was searched, and those that are known and were not.</param>
public sealed record ErasureReport(IReadOnlyList<PlaceReport> Places)
{
    /// <summary>
    /// True when some place had it and none has it any more. Nothing found is no success: the request may have named it
    /// otherwise. Places that were not visited do not count; whoever signs the report has to name them.
    /// </summary>
    public bool IsDone =>
        Places.Any(place => place.Status is ErasureStatus.Removed or ErasureStatus.Rebuilt or ErasureStatus.Unlearned)
        && Places.All(place => place.Status != ErasureStatus.StillContains);

    /// <summary>Places that were not searched.</summary>
    public IEnumerable<string> NotVisited =>
        Places.Where(place => place.Status == ErasureStatus.NotVisited).Select(place => place.Place);

    /// <summary>Both reports' places, the first's before the second's.</summary>
    public ErasureReport With(ErasureReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new([.. Places, .. other.Places]);
    }
}
