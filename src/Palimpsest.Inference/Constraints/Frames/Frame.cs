namespace Palimpsest.Inference;

/// <summary>A part of the text that is still to come, on the stack of a pushdown automaton over bytes.</summary>
/// <remarks>Frames are values: equal ones stand for the same future.</remarks>
internal abstract record Frame
{
    /// <summary>True when nothing more has to come of it.</summary>
    public virtual bool CanEnd => false;

    /// <summary>True for a JSON array or object that is open.</summary>
    public virtual bool Nests => false;

    /// <summary>The least number of tokens after which it can end, at most <see cref="Cursor.Endless"/>.</summary>
    public abstract int Shortest { get; }

    /// <summary>Takes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="below">What comes after this frame; null for the end of the text.</param>
    /// <param name="into">Gets every way to go on; none when the byte cannot come.</param>
    public abstract void Step(byte value, Cursor? below, ThreadList into);

    /// <summary>Lets what is below take a byte, since this frame has ended before it.</summary>
    protected static void After(byte value, Cursor? below, ThreadList into) =>
        below?.Frame.Step(value, below.Below, into);
}
