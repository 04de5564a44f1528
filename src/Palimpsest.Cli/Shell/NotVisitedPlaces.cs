namespace Palimpsest.Cli;

/// <summary>Places that hold the forgotten knowledge beside the candidate of an audit.</summary>
internal static class NotVisitedPlaces
{
    /// <summary>The original, the base under an adapter, an adapter that older versions left in the candidate's folder,
    /// and what the candidate's record names; those that are there still.</summary>
    /// <param name="original">The model before forgetting.</param>
    /// <param name="candidate">The model after forgetting, or the base of its adapter.</param>
    /// <param name="adapter">The adapter, or null.</param>
    /// <exception cref="InputException">A record cannot be read.</exception>
    public static IReadOnlyList<KnowledgePlace> Of(string original, string candidate, string? adapter)
    {
        List<KnowledgePlace> places = [new(KnowledgePlaceKind.Original, Path.GetFullPath(original))];
        if (adapter is not null)
            places.Add(new(KnowledgePlaceKind.Base, Path.GetFullPath(candidate)));
        var stale = Path.GetFullPath(Path.Combine(candidate, "adapter"));
        if (adapter is null && AdapterInfo.IsAdapter(stale))
            places.Add(new(KnowledgePlaceKind.Adapter, stale));
        places.AddRange(ResultRecord.Read(adapter ?? candidate)?.StillHeldBy ?? []);
        return [.. places.Where(IsThere).DistinctBy(place => (place.Path, place.Kind))];
    }

    private static bool IsThere(KnowledgePlace place) => Directory.Exists(place.Path) || File.Exists(place.Path);
}
