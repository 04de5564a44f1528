namespace Palimpsest.Reproductions;

/// <summary>Every runnable claim.</summary>
public static class Catalog
{
    /// <summary>The reproductions, by group.</summary>
    public static IReadOnlyList<ReproductionEntry> All { get; } =
    [
        new("npo", "unlearning", () => new NpoReproduction()),
        new("codeeraser", "unlearning", () => new CodeEraserReproduction()),
        new("sleek", "evaluation", () => new SleekReproduction()),
        new("streaming-llm", "kvcache", () => new StreamingLlmReproduction()),
        new("snapkv", "kvcache", () => new SnapKvReproduction()),
        new("kivi", "kvcache", () => new KiviReproduction()),
        new("cut-cross-entropy", "efficiency", () => new CutCrossEntropyReproduction()),
    ];

    /// <summary>The reproduction of a system.</summary>
    /// <exception cref="InputException">There is none; the message has the nearest id.</exception>
    public static ReproductionEntry Find(string id) =>
        All.FirstOrDefault(entry => entry.Id == id) ?? throw Unknown("reproduction", id, All.Select(entry => entry.Id));

    /// <summary>The reproductions of a group.</summary>
    /// <exception cref="InputException">There is no such group; the message has the nearest name.</exception>
    public static IReadOnlyList<ReproductionEntry> InGroup(string group)
    {
        ReproductionEntry[] found = [.. All.Where(entry => entry.Group == group)];
        return found.Length > 0 ? found : throw Unknown("group", group, All.Select(entry => entry.Group).Distinct());
    }

    private static InputException Unknown(string kind, string name, IEnumerable<string> known) =>
        new(
            $"Unknown {kind} '{name}'{(NearestName.Of(name, known) is { } near ? $", perhaps '{near}'" : "")}; there "
                + $"are: {string.Join(", ", known)}."
        );
}
