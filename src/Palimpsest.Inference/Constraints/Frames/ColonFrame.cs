namespace Palimpsest.Inference;

/// <summary>The colon between a name and its value.</summary>
/// <param name="Schema">What the value is.</param>
internal sealed record ColonFrame(ValueSchema Schema) : Frame
{
    /// <inheritdoc/>
    public override int Shortest => 1 + Schema.Shortest;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)':')
            into.Add(new(new ExpectFrame(Schema), below));
    }
}
