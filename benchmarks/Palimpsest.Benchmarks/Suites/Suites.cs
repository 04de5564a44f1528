namespace Palimpsest.Benchmarks;

/// <summary>What can be measured.</summary>
internal static class Suites
{
    /// <summary>The name that stands for every suite.</summary>
    public const string All = "all";

    private static readonly (string Name, Func<ISuite> Create)[] Known =
    [
        ("train", () => new TrainSuite()),
        ("adamw", () => new AdamWSuite()),
        ("loss", () => new LossSuite()),
        ("generate", () => new GenerateSuite()),
        ("replies", () => new RepliesSuite()),
        ("constraints", () => new ConstraintSuite()),
        ("decode", () => new DecodeSuite()),
        ("prefill", () => new PrefillSuite()),
        ("allocations", () => new AllocationSuite()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(suite => suite.Name)];

    /// <summary>The suite of a name, or every one.</summary>
    public static IEnumerable<ISuite> Named(string name) =>
        Known.Where(suite => name == All || suite.Name == name).Select(suite => suite.Create());
}
