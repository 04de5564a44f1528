namespace Palimpsest.Models;

/// <summary>A place in a decoder where activations can be tapped.</summary>
/// <param name="Layer">Zero-based layer; null for every layer that has the point.</param>
/// <param name="Point">The named point.</param>
/// <param name="Expert">For points inside experts, the zero-based expert or <see cref="SharedExpert"/>; null for all of
/// them.</param>
public readonly record struct TapSite(int? Layer, TapPoint Point, int? Expert = null)
{
    /// <summary>Stands for the expert that every token visits.</summary>
    public const int SharedExpert = -1;

    /// <summary>The site as errors show it, for example <c>layer 3, MlpKey of expert 2</c>.</summary>
    public override string ToString()
    {
        var layer = Layer is { } one ? $"layer {one}" : "every layer";
        return Expert switch
        {
            null => $"{layer}, {Point}",
            SharedExpert => $"{layer}, {Point} of the shared expert",
            { } expert => $"{layer}, {Point} of expert {expert}",
        };
    }

    /// <summary>True when the site holds this one place.</summary>
    internal bool Covers(int layer, TapPoint point, int? expert) =>
        Point == point && (Layer is null || Layer == layer) && (Expert is null || Expert == expert);
}
