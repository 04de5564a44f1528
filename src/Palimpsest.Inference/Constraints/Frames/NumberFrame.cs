namespace Palimpsest.Inference;

/// <summary>Any number.</summary>
/// <param name="Part">What has come last.</param>
/// <param name="Digits">Digits of that part.</param>
internal sealed record NumberFrame(NumberPart Part, int Digits) : Frame
{
    private const int MostDigits = 15;
    private const int MostExponentDigits = 2;

    /// <inheritdoc/>
    public override bool CanEnd =>
        Part is NumberPart.Zero or NumberPart.Whole or NumberPart.Fraction or NumberPart.Exponent;

    /// <inheritdoc/>
    public override int Shortest => CanEnd ? 0 : 1;

    /// <summary>Begins with a digit.</summary>
    public static void StartDigits(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'0')
            into.Add(new(new NumberFrame(NumberPart.Zero, 0), below));
        else if (char.IsAsciiDigit((char)value))
            into.Add(new(new NumberFrame(NumberPart.Whole, 1), below));
    }

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (char.IsAsciiDigit((char)value))
            StepDigit(value, below, into);
        else if (value == (byte)'.' && Part is NumberPart.Zero or NumberPart.Whole)
            into.Add(new(new NumberFrame(NumberPart.Point, 0), below));
        else if ((value | 0x20) == 'e' && CanEnd && Part != NumberPart.Exponent)
            into.Add(new(new NumberFrame(NumberPart.Letter, 0), below));
        else if (value is (byte)'+' or (byte)'-' && Part == NumberPart.Letter)
            into.Add(new(new NumberFrame(NumberPart.ExponentSign, 0), below));
        else if (CanEnd)
            After(value, below, into);
    }

    private void StepDigit(byte value, Cursor? below, ThreadList into)
    {
        if (Part == NumberPart.Sign)
            StartDigits(value, below, into);
        else if (Part is NumberPart.Point or NumberPart.Letter or NumberPart.ExponentSign)
            into.Add(new(new NumberFrame(After(Part), 1), below));
        else if (Part != NumberPart.Zero && Digits < (Part == NumberPart.Exponent ? MostExponentDigits : MostDigits))
            into.Add(new(this with { Digits = Digits + 1 }, below));
    }

    private static NumberPart After(NumberPart part) =>
        part == NumberPart.Point ? NumberPart.Fraction : NumberPart.Exponent;
}
