namespace Palimpsest.Inference;

/// <summary>A number within bounds.</summary>
/// <param name="Node">The bounds.</param>
/// <param name="IsNegative">Whether there was a sign.</param>
/// <param name="Digits">All digits so far as one number; -1 for none.</param>
/// <param name="Decimals">Digits after the point; -1 before the point.</param>
internal sealed record RangeFrame(RangeNode Node, bool IsNegative, Int128 Digits, int Decimals) : Frame
{
    /// <inheritdoc/>
    public override bool CanEnd => Digits >= 0 && Decimals != 0 && ToEnd == 0;

    /// <summary>True when some number within the bounds begins so.</summary>
    public bool HasEnd => ToEnd < Cursor.Endless;

    /// <inheritdoc/>
    public override int Shortest
    {
        get
        {
            if (Digits >= 0)
                return ToEnd;
            var found = Cursor.Endless;
            for (var first = '0'; first <= '9'; first++)
                found = Math.Min(found, 1 + Node.Digits(IsNegative, first).Shortest);
            return found;
        }
    }

    private int ToEnd => Node.ToEnd(IsNegative, Digits, Decimals);

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        var next = Next(value);
        if (next is { HasEnd: true })
            into.Add(new(next, below));
        else if (next is null && CanEnd)
            After(value, below, into);
    }

    private RangeFrame? Next(byte value)
    {
        if (value == (byte)'.' && Digits >= 0 && Decimals < 0 && Node.MostDecimals > 0)
            return this with { Decimals = 0 };
        if (!char.IsAsciiDigit((char)value))
            return null;
        if (Digits < 0)
            return Node.Digits(IsNegative, (char)value);
        if (Decimals == Node.MostDecimals && Decimals > 0)
            return null;
        if (Digits == 0 && Decimals < 0)
            return null;
        return this with { Digits = (Digits * 10) + (value - '0'), Decimals = Decimals < 0 ? -1 : Decimals + 1 };
    }
}
