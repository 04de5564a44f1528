namespace Palimpsest.Inference;

/// <summary>Arrays.</summary>
/// <param name="first">What the first items are.</param>
/// <param name="others">What the items after them are; null for none.</param>
/// <param name="least">Fewest items.</param>
/// <param name="most">Most items; <see cref="int.MaxValue"/> for any number.</param>
internal sealed class ArrayNode(ValueSchema[] first, ValueSchema? others, int least, int most) : SchemaNode
{
    /// <summary>Fewest items.</summary>
    public int Least => least;

    /// <summary>Most items of which there are values.</summary>
    public int Most { get; private set; }

    /// <summary>From here on all items are alike.</summary>
    public int Alike => first.Length;

    /// <inheritdoc/>
    public override IEnumerable<ValueSchema> Parts => others is null ? first : [.. first, others];

    /// <summary>The schema of an item; null where none can be.</summary>
    public ValueSchema? At(int index) => index < first.Length ? first[index] : others;

    /// <inheritdoc/>
    public override int LeastDepth()
    {
        Most = Math.Min(most, FirstWithoutValue());
        if (least > Most)
            return Cursor.Endless;
        var depth = 0;
        for (var i = 0; i < least && i <= first.Length; i++)
            depth = Math.Max(depth, At(i)!.Depth);
        return Math.Min(Cursor.Endless, depth + 1);
    }

    /// <inheritdoc/>
    public override int LeastTokens() => Sum(1L + (least == 0 ? 1 : ToEnd(0) - 1));

    /// <summary>The least number of tokens of all items from one on that have to come, each with its comma, and of the
    /// end.</summary>
    public int ToEnd(int index)
    {
        long tokens = 1;
        for (var i = index; i < Math.Min(least, first.Length); i++)
            tokens += 1 + first[i].Shortest;
        var rest = least - Math.Max(index, first.Length);
        if (rest > 0)
            tokens += rest * (1L + others!.Shortest);
        return Sum(tokens);
    }

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'[')
            into.Add(new(new ArrayFrame(this, 0, Gap.None), below));
    }

    private int FirstWithoutValue()
    {
        for (var i = 0; i < first.Length; i++)
        {
            if (!first[i].HasValue)
                return i;
        }

        return others is { HasValue: true } ? int.MaxValue : first.Length;
    }
}
