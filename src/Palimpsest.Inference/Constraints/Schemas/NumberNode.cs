namespace Palimpsest.Inference;

/// <summary>Any number: at most fifteen digits before and after the point, an exponent of at most two.</summary>
/// <remarks>All that readers of JSON can hold without loss, and never digits without an end.</remarks>
internal sealed class NumberNode : SchemaNode
{
    /// <inheritdoc/>
    public override int LeastDepth() => 0;

    /// <inheritdoc/>
    public override int LeastTokens() => 1;

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'-')
            into.Add(new(new NumberFrame(NumberPart.Sign, 0), below));
        else
            NumberFrame.StartDigits(value, below, into);
    }
}
