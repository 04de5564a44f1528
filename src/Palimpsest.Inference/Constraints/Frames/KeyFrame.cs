using System.Numerics;

namespace Palimpsest.Inference;

/// <summary>The name of a property, between its quotes.</summary>
/// <param name="Node">The object.</param>
/// <param name="Seen">Properties that have come, one bit for each.</param>
/// <param name="Used">Names of others that have come.</param>
/// <param name="Place">The beginning among the names of the schema; -1 when none begins so.</param>
/// <param name="Text">The beginning where any name can come, one character for each byte; else null.</param>
/// <param name="Character">A place of <see cref="Utf8"/>.</param>
internal sealed record KeyFrame(
    ObjectNode Node,
    BigInteger Seen,
    UsedKeys? Used,
    int Place,
    string? Text,
    int Character
) : Frame, IFreeText
{
    /// <summary>True when the name can end here and is nobody's.</summary>
    public bool IsFree =>
        Text is not null
        && Character == Utf8.Whole
        && (Place < 0 || Node.Names.EndOf(Place) < 0)
        && !UsedKeys.Contains(Used, Text);

    /// <inheritdoc/>
    public override int Shortest => Node.ToEndOfKey(this, Node.Open(Seen, 0));

    /// <inheritdoc/>
    public int Room => Text is not null && Character == Utf8.Whole ? int.MaxValue : 0;

    /// <inheritdoc/>
    /// <remarks>A name that is nobody's yet, with one character more where it is somebody's after all.</remarks>
    public int Farthest => (this with { Place = -1, Text = "", Character = Utf8.Whole }).Shortest;

    /// <inheritdoc/>
    public bool IsBlind => false;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        var depth = (below?.Depth ?? 0) + 1;
        var open = Node.Open(Seen, depth);
        var place = Place < 0 ? -1 : Node.Names.Next(Place, value);
        // Within a name a quote only comes after a backslash, where the name cannot end.
        if (value == (byte)'"' && Character == Utf8.Whole && place < 0)
        {
            End(open, depth, below, into);
            return;
        }

        var isNamed = place >= 0 && !(Node.Reachable[place] & open).IsZero;
        // Names of others are written without escapes, so that each has one form.
        var character = Utf8.Step(Character, value);
        var text =
            Text is not null && value >= 0x20 && value != (byte)'\\' && character >= 0 && Node.TakesOthers(depth)
                ? Text + (char)value
                : null;
        if (isNamed || text is not null)
            into.Add(new(new KeyFrame(Node, Seen, Used, place, text, text is null ? Utf8.Whole : character), below));
    }

    private void End(BigInteger open, int depth, Cursor? below, ThreadList into)
    {
        var named = Place < 0 ? -1 : Node.Names.EndOf(Place);
        if (named >= 0 && !((open >> named) & 1).IsZero)
            Colon(Node.SchemaOf(named), new(Node, Seen | (BigInteger.One << named), Used, ObjectPart.Value, 0));
        else if (IsFree && Node.TakesOthers(depth))
            Colon(Node.Others!, new(Node, Seen, new(Text!, Used), ObjectPart.Value, 0));

        void Colon(ValueSchema schema, ObjectFrame rest) => into.Add(new(new ColonFrame(schema), new(rest, below)));
    }
}
