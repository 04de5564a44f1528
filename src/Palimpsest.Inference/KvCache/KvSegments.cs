namespace Palimpsest.Inference;

/// <summary>Several segments of a layer as one.</summary>
internal static class KvSegments
{
    /// <summary>Their entries in that order; keys must have all channels and be stored alike.</summary>
    public static KvSegment Joined(IReadOnlyList<KvSegment> segments)
    {
        if (segments.Count == 1)
            return segments[0];
        var batch = segments[0].Keys.shape[0];
        var heads = segments.Max(segment => Math.Max(segment.Positions.shape[1], segment.Keep?.shape[1] ?? 1));
        var keep = segments.Any(segment => segment.Keep is not null)
            ? cat([.. segments.Select(segment => Wide(segment.Keep ?? ones([1, 1, 1], ScalarType.Bool), segment))], 2)
            : null;
        return new(
            cat([.. segments.Select(segment => segment.Keys)], 2),
            cat([.. segments.Select(segment => segment.Values)], 2)
        )
        {
            Positions = cat([.. segments.Select(segment => Wide(segment.Positions, segment))], 2),
            Keep = keep,
        };

        Tensor Wide(Tensor marks, KvSegment segment) => marks.expand(batch, heads, segment.Width);
    }
}
