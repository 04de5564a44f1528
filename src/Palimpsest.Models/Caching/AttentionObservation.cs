namespace Palimpsest.Models;

/// <summary>Attention weights of a pass, as <see cref="AttentionWants"/> asked for them; S counts the entries of all
/// segments in their order.</summary>
public sealed record AttentionObservation
{
    /// <summary>[B, H, S] float32; queries of padding are left out.</summary>
    public Tensor? ColumnSums { get; init; }

    /// <summary>[B, H, rows, S] float32, the newest query last.</summary>
    public Tensor? LastRows { get; init; }
}
