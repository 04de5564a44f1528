namespace Palimpsest.Inference;

/// <summary>An array after its bracket or an item.</summary>
/// <param name="Node">Its items.</param>
/// <param name="Count">Items so far; where no more are counted, the last that were.</param>
/// <param name="Before">The gap after the last item.</param>
internal sealed record ArrayFrame(ArrayNode Node, int Count, int Before) : Frame
{
    /// <inheritdoc/>
    public override bool Nests => true;

    /// <inheritdoc/>
    public override int Shortest => Node.ToEnd(Count) - (Count == 0 && Node.Least > 0 ? 1 : 0);

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)']' && Count >= Node.Least)
            into.Add(below);
        else if (Count == 0 && Node.Most > 0)
            StartFirst(value, below, into);
        else if (value == (byte)',' && Count < Node.Most && Node.At(Count)!.Fits(this, below))
            into.Add(new(new ExpectFrame(Node.At(Count)!), new(WithOneMore(), below)));
        if (Gap.Step(Before, value) is >= 0 and var gap)
            into.Add(new(this with { Before = gap }, below));
    }

    private void StartFirst(byte value, Cursor? below, ThreadList into) =>
        Node.At(0)!.Start(value, new(WithOneMore(), below), into);

    private ArrayFrame WithOneMore()
    {
        var counts = Node.Most != int.MaxValue || Count < Math.Max(Node.Least, Math.Max(1, Node.Alike));
        return new(Node, counts ? Count + 1 : Count, Gap.None);
    }
}
