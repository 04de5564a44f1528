using System.Text.Json.Serialization;

namespace Palimpsest.Benchmarks;

/// <summary>A line of peers.jsonl.</summary>
internal sealed record PeerRow
{
    public required string Bench { get; init; }

    public string? Size { get; init; }

    /// <summary>Of a row on a published model: its name.</summary>
    public string? Model { get; init; }

    public int? Batch { get; init; }

    public int? Context { get; init; }

    public int? Length { get; init; }

    /// <summary>Of a training row: which AdamW.</summary>
    public bool? FusedAdamw { get; init; }

    /// <summary>Of an AdamW row: which one.</summary>
    public bool? Fused { get; init; }

    public double? Seconds { get; init; }

    public double? SecondsPerToken { get; init; }

    public double? TokensPerS { get; init; }

    public double? Gflops { get; init; }

    /// <summary>Tokens, or else runs, per second.</summary>
    [JsonIgnore]
    public double Speed => TokensPerS ?? 1 / (SecondsPerToken ?? Seconds!.Value);
}
