namespace Palimpsest.Inference;

/// <summary>A text that comes as it is, white space before it allowed.</summary>
/// <param name="Text">One character for each byte.</param>
/// <param name="Position">Bytes that have come.</param>
/// <param name="Before">The gap before the text.</param>
internal sealed record TextFrame(string Text, int Position = 0, int Before = Gap.None) : Frame
{
    /// <summary>A frame for any text.</summary>
    public static TextFrame Of(string text) =>
        new(System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <inheritdoc/>
    public override int Shortest => Text.Length - Position;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (value == Text[Position])
            into.Add(Position + 1 == Text.Length ? below : new(this with { Position = Position + 1 }, below));
        if (Position == 0 && Gap.Step(Before, value) is >= 0 and var gap)
            into.Add(new(this with { Before = gap }, below));
    }
}
