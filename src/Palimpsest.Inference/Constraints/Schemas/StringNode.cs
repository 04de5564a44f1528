namespace Palimpsest.Inference;

/// <summary>Texts of so many characters.</summary>
/// <param name="least">Fewest characters.</param>
/// <param name="most">Most characters; <see cref="int.MaxValue"/> for any number.</param>
internal sealed class StringNode(int least, int most) : SchemaNode
{
    /// <summary>Fewest characters.</summary>
    public int Least => least;

    /// <summary>Most characters.</summary>
    public int Most => most;

    /// <inheritdoc/>
    public override int LeastDepth() => least <= most ? 0 : Cursor.Endless;

    /// <inheritdoc/>
    public override int LeastBytes() => Sum(2L + least);

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'"')
            into.Add(new(new StringFrame(this, 0, StringPhase.Text), below));
    }
}
