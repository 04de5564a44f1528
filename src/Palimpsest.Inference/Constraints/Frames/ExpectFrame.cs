namespace Palimpsest.Inference;

/// <summary>A value that is to begin, white space before it allowed.</summary>
/// <param name="Schema">What it can be.</param>
/// <param name="Before">The gap before it.</param>
internal sealed record ExpectFrame(ValueSchema Schema, int Before = Gap.None) : Frame
{
    /// <inheritdoc/>
    public override int Shortest => Schema.Shortest;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (Gap.Step(Before, value) is >= 0 and var gap)
            into.Add(new(this with { Before = gap }, below));
        else
            Schema.Start(value, below, into);
    }
}
