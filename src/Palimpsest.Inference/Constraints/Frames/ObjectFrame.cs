using System.Numerics;

namespace Palimpsest.Inference;

/// <summary>An object between its properties.</summary>
/// <param name="Node">Its properties.</param>
/// <param name="Seen">Properties that have come, one bit for each.</param>
/// <param name="Used">Names of others that have come.</param>
/// <param name="Part">What has come last.</param>
/// <param name="Before">The gap after it.</param>
internal sealed record ObjectFrame(ObjectNode Node, BigInteger Seen, UsedKeys? Used, ObjectPart Part, int Before)
    : Frame
{
    /// <inheritdoc/>
    public override bool Nests => true;

    /// <inheritdoc/>
    public override int Shortest
    {
        get
        {
            if (Part != ObjectPart.Comma || !(Node.Required & ~Seen).IsZero)
                return Node.ToEnd(Seen, Part == ObjectPart.Value);
            return 1 + Node.ToEndOfKey(Key(), Node.Open(Seen, 0));
        }
    }

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        var depth = (below?.Depth ?? 0) + 1;
        if (value == (byte)'}' && Part != ObjectPart.Comma && (Node.Required & ~Seen).IsZero)
            into.Add(below);
        else if (value == (byte)',' && Part == ObjectPart.Value && HasMore(depth))
            into.Add(new(this with { Part = ObjectPart.Comma, Before = Gap.None }, below));
        else if (value == (byte)'"' && Part != ObjectPart.Value && HasMore(depth))
            into.Add(new(Key(), below));
        else if (Gap.Step(Before, value) is >= 0 and var gap)
            into.Add(new(this with { Before = gap }, below));
    }

    private bool HasMore(int depth) => !Node.Open(Seen, depth).IsZero || Node.TakesOthers(depth);

    private KeyFrame Key() =>
        new(Node, Seen, Used, BytePrefixes.Root, Node.Others is { HasValue: true } ? "" : null, Utf8.Whole);
}
