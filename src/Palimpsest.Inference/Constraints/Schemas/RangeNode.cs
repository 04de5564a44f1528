namespace Palimpsest.Inference;

/// <summary>Whole numbers, or numbers with so many digits after the point, within bounds.</summary>
/// <remarks>Numbers are counted in units of the last digit: 1.5 with two digits after the point is 150.</remarks>
/// <param name="least">The smallest, in units.</param>
/// <param name="most">The largest, in units.</param>
/// <param name="decimals">Most digits after the point; 0 for whole numbers.</param>
internal sealed class RangeNode(Int128 least, Int128 most, int decimals) : SchemaNode
{
    /// <summary>Digits that a whole number has at most, so that readers lose none.</summary>
    public const int MostDigits = 15;

    /// <inheritdoc/>
    public override int LeastDepth() => least <= most ? 0 : Cursor.Endless;

    /// <inheritdoc/>
    public override int LeastTokens()
    {
        var found = Cursor.Endless;
        for (var first = '0'; first <= '9'; first++)
        {
            found = Math.Min(found, 1 + Digits(negative: false, first).Shortest);
            found = Math.Min(found, 2 + Digits(negative: true, first).Shortest);
        }

        return found;
    }

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'-' && HasNegative())
            into.Add(new(new RangeFrame(this, IsNegative: true, Digits: -1, Decimals: -1), below));
        else if (char.IsAsciiDigit((char)value) && Digits(negative: false, (char)value) is { HasEnd: true } frame)
            into.Add(new(frame, below));
    }

    /// <summary>The frame after the first digit.</summary>
    public RangeFrame Digits(bool negative, char first) => new(this, negative, first - '0', -1);

    /// <summary>The least number of bytes that make a beginning a number within the bounds;
    /// <see cref="Cursor.Endless"/> where none do.</summary>
    /// <param name="negative">Whether there is a sign.</param>
    /// <param name="digits">All digits so far as one number.</param>
    /// <param name="after">Digits after the point; -1 before the point.</param>
    public int ToEnd(bool negative, Int128 digits, int after)
    {
        var (low, high) = negative ? (-most, -least) : (least, most);
        if (after >= 0)
            return ToEndOfFraction(digits, after, low, high);
        var found = Cursor.Endless;
        var power = (Int128)1;
        for (var more = 0; more <= MostDigits && found > more; more++, power *= 10)
        {
            if (more > 0 && digits == 0)
                break;
            var first = digits * power * Unit;
            if (first > high)
                break;
            // Whole numbers with so many more digits, and the numbers up to the next whole number.
            if (HasMultiple(first, first + ((power - 1) * Unit), Unit, low, high))
                return Math.Min(found, more);
            for (var some = 1; some <= decimals; some++)
            {
                if (HasMultiple(first, first + (power * Unit) - 1, Power(decimals - some), low, high))
                    found = Math.Min(found, more + 1 + some);
            }
        }

        return found;
    }

    /// <summary>Most digits after the point.</summary>
    public int MostDecimals => decimals;

    private Int128 Unit => Power(decimals);

    private bool HasNegative()
    {
        for (var first = '0'; first <= '9'; first++)
        {
            if (Digits(negative: true, first).HasEnd)
                return true;
        }

        return false;
    }

    private int ToEndOfFraction(Int128 digits, int after, Int128 low, Int128 high)
    {
        var first = digits * Power(decimals - after);
        for (var more = after == 0 ? 1 : 0; after + more <= decimals; more++)
        {
            var last = first + Power(decimals - after) - 1;
            if (HasMultiple(first, last, Power(decimals - after - more), low, high))
                return more;
        }

        return Cursor.Endless;
    }

    /// <summary>Whether two ranges share a multiple of a step; all are at least 0 but for the bounds.</summary>
    private static bool HasMultiple(Int128 first, Int128 last, Int128 step, Int128 low, Int128 high)
    {
        var (from, to) = (Int128.Max(first, low), Int128.Min(last, high));
        return from <= to && (from + step - 1) / step * step <= to;
    }

    private static Int128 Power(int exponent)
    {
        var power = (Int128)1;
        for (var i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}
