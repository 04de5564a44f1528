namespace Palimpsest.Benchmarks;

/// <summary>A named group of measurements.</summary>
internal interface ISuite
{
    /// <summary>Measures at the given sizes, those of them that it knows.</summary>
    void Run(Report report, IReadOnlyList<ModelSize> sizes);
}
