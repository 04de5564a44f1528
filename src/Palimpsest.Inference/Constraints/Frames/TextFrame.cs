namespace Palimpsest.Inference;

/// <summary>A text that comes as it is, white space before it allowed.</summary>
/// <param name="Text">One character for each byte.</param>
/// <param name="Lengths">The tokens of the text from each byte on.</param>
/// <param name="Position">Bytes that have come.</param>
/// <param name="Before">The gap before the text.</param>
internal sealed record TextFrame(string Text, int[] Lengths, int Position = 0, int Before = Gap.None) : Frame
{
    /// <summary>A frame for any text.</summary>
    public static TextFrame Of(TokenBytes tokens, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return new(System.Text.Encoding.Latin1.GetString(bytes), tokens.LengthsOf(bytes));
    }

    /// <inheritdoc/>
    public override int Shortest => Lengths[Position];

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (value == Text[Position])
            into.Add(Position + 1 == Text.Length ? below : new(this with { Position = Position + 1 }, below));
        if (Position == 0 && Gap.Step(Before, value) is >= 0 and var gap)
            into.Add(new(this with { Before = gap }, below));
    }
}
