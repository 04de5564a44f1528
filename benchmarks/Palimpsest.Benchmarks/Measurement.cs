namespace Palimpsest.Benchmarks;

/// <summary>A measured value; a line of the JSON output.</summary>
internal sealed record Measurement
{
    public required string Bench { get; init; }

    /// <summary>Size of the model, or the sizes of a problem.</summary>
    public required string Size { get; init; }

    /// <summary>Batch, context and the like; empty where there is none.</summary>
    public string Setting { get; init; } = "";

    /// <summary>Who ran.</summary>
    public string Variant { get; init; } = "Palimpsest";

    public required double Value { get; init; }

    public required string Unit { get; init; }

    /// <summary>The calibrator beside it.</summary>
    public required double Gflops { get; init; }

    /// <summary>Name of what it is compared with, or null.</summary>
    public string? Against { get; init; }

    /// <summary>How it compares; for speeds, above 1 is faster than the other.</summary>
    public double? Ratio { get; init; }

    /// <summary>What the ratio should be, or null.</summary>
    public Goal? Goal { get; init; }
}
