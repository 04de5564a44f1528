namespace Palimpsest.Reproductions;

/// <summary>The catalogues of all projects.</summary>
public static class Systems
{
    /// <summary>Each project with its lines.</summary>
    public static IReadOnlyList<(string Project, IReadOnlyList<CatalogEntry> Entries)> ByProject { get; } =
    [
        ("Palimpsest.Models", Models.Catalog.All),
        ("Palimpsest.Inference", [.. Inference.Catalog.All, .. KvPolicies.All]),
        ("Palimpsest.Training", Training.Catalog.All),
        ("Palimpsest.Unlearning", Unlearning.Catalog.All),
        ("Palimpsest.Evaluation", Evaluation.Catalog.All),
    ];

    /// <summary>Every line.</summary>
    public static IReadOnlyList<CatalogEntry> All { get; } = [.. ByProject.SelectMany(project => project.Entries)];

    /// <summary>A system's line.</summary>
    /// <exception cref="InputException">There is none of that id.</exception>
    public static CatalogEntry Find(string id) =>
        All.FirstOrDefault(entry => entry.Id == id)
        ?? throw new InputException(
            $"No catalogue has a system '{id}'; there are: {string.Join(", ", All.Select(entry => entry.Id))}."
        );
}
