namespace Palimpsest.Models;

/// <summary>What a layer's cache is allocated for.</summary>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="Batch">Rows, at least 1.</param>
/// <param name="Heads">Key-value heads.</param>
/// <param name="HeadSize">Dh.</param>
/// <param name="Capacity">Tokens to make room for, at least 1.</param>
/// <param name="Device">Where the buffers live.</param>
public sealed record LayerShape(int Layer, int Batch, int Heads, int HeadSize, int Capacity, Device Device)
{
    /// <summary>Channels of the keys; Dh but where some were taken out.</summary>
    public int KeySize { get; init; } = HeadSize;
}
