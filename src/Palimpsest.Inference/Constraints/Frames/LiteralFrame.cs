namespace Palimpsest.Inference;

/// <summary>One of several listed values.</summary>
/// <param name="Node">The values.</param>
/// <param name="Place">The bytes that have come.</param>
internal sealed record LiteralFrame(LiteralNode Node, int Place) : Frame
{
    /// <inheritdoc/>
    public override bool CanEnd => Node.Values.EndOf(Place) >= 0;

    /// <inheritdoc/>
    public override int Shortest => Node.Values.Shortest(Place);

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        Go(Node, Place, value, below, into);
        if (CanEnd)
            After(value, below, into);
    }

    /// <summary>Takes a byte of a value; one that no longer value begins with is over at once.</summary>
    public static void Go(LiteralNode node, int place, byte value, Cursor? below, ThreadList into)
    {
        var next = node.Values.Next(place, value);
        if (next >= 0)
            into.Add(node.Values.IsLeaf(next) ? below : new(new LiteralFrame(node, next), below));
    }
}
