namespace Palimpsest.Reproductions;

/// <summary>A reproduction's line: the system's own line has title and paper.</summary>
/// <param name="Id">The system's id in its project's catalogue.</param>
/// <param name="Group">The group of systems that it belongs to, for example <c>unlearning</c>.</param>
/// <param name="Create">Makes the reproduction.</param>
public sealed record ReproductionEntry(string Id, string Group, Func<IReproduction> Create)
{
    /// <summary>The system's own line.</summary>
    public CatalogEntry System => Systems.Find(Id);
}
