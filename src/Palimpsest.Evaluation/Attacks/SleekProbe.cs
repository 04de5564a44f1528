using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>A probe of the Sleek attack: how near it is to the fact, and how it is put.</summary>
public sealed record SleekProbe : Probe
{
    /// <summary>How near it is to the fact.</summary>
    [JsonPropertyOrder(4)]
    public required ProbeCategory Category { get; init; }

    /// <summary>How it is put.</summary>
    [JsonPropertyOrder(5)]
    public ProbeMode Mode { get; init; } = ProbeMode.Single;

    /// <summary>True when the model is told to reason step by step.</summary>
    [JsonPropertyOrder(11)]
    public bool Reasoning { get; init; }

    /// <summary>True when the object is given and the subject is the answer; such probes are tallied apart,
    /// too.</summary>
    [JsonPropertyOrder(12)]
    public bool IsReverse { get; init; }

    /// <summary>True for a probe of the factor grid, which no rate but the factors' counts.</summary>
    [JsonPropertyOrder(13)]
    public bool IsFactorCell { get; init; }

    /// <summary>True for the seed question alone, the baseline of the attack (mode 0).</summary>
    [JsonIgnore]
    public bool IsSeed => Mode == ProbeMode.Seed && !IsFactorCell;
}
