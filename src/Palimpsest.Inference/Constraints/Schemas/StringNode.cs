namespace Palimpsest.Inference;

/// <summary>Texts of so many characters.</summary>
/// <param name="tokens">Tells how many tokens characters take.</param>
/// <param name="least">Fewest characters.</param>
/// <param name="most">Most characters; <see cref="int.MaxValue"/> for any number.</param>
internal sealed class StringNode(TokenBytes tokens, int least, int most) : SchemaNode
{
    /// <summary>Fewest characters.</summary>
    public int Least => least;

    /// <summary>Most characters.</summary>
    public int Most => most;

    /// <summary>Tokens for so many characters.</summary>
    public int TokensOf(int characters) => tokens.LengthOf(characters);

    /// <inheritdoc/>
    public override int LeastDepth() => least <= most ? 0 : Cursor.Endless;

    /// <inheritdoc/>
    public override int LeastTokens() => Sum(2L + TokensOf(least));

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'"')
            into.Add(new(new StringFrame(this, 0, StringPhase.Text), below));
    }
}
