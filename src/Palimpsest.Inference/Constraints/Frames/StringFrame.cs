namespace Palimpsest.Inference;

/// <summary>A text between quotes.</summary>
/// <param name="Node">Its lengths.</param>
/// <param name="Count">Characters that have begun; where no more are counted, the last that were.</param>
/// <param name="Phase">A place of <see cref="StringPhase"/>.</param>
internal sealed record StringFrame(StringNode Node, int Count, int Phase) : Frame, IFreeText
{
    /// <inheritdoc/>
    public override int Shortest => StringPhase.Missing(Phase) + Node.TokensOf(Math.Max(0, Node.Least - Count)) + 1;

    /// <inheritdoc/>
    public int Room
    {
        get
        {
            if (Phase != StringPhase.Text)
                return 0;
            return Node.Most == int.MaxValue ? int.MaxValue : Node.Most - Count;
        }
    }

    /// <inheritdoc/>
    public int Farthest => Shortest;

    /// <inheritdoc/>
    public bool IsBlind => true;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (Phase != StringPhase.Text)
        {
            var next = Phase >= StringPhase.Escape ? StringPhase.StepEscape(Phase, value) : Utf8.Step(Phase, value);
            if (next >= 0)
                into.Add(new(this with { Phase = next }, below));
            return;
        }

        if (value == (byte)'"')
        {
            if (Count >= Node.Least)
                into.Add(below);
            return;
        }

        if (value < 0x20 || Count >= Node.Most)
            return;
        var phase = value == (byte)'\\' ? StringPhase.Escape : Utf8.Step(StringPhase.Text, value);
        if (phase < 0)
            return;
        var counts = Node.Most != int.MaxValue || Count < Node.Least;
        into.Add(new(new StringFrame(Node, counts ? Count + 1 : Count, phase), below));
    }
}
