namespace Palimpsest.Inference;

/// <summary>Where in a text between quotes the next byte stands. Values from <see cref="Text"/> to 7 are places of
/// <see cref="Utf8"/>.</summary>
internal static class StringPhase
{
    /// <summary>Between characters.</summary>
    public const int Text = Utf8.Whole;

    /// <summary>After a backslash.</summary>
    public const int Escape = 8;

    /// <summary>Before the first digit of four.</summary>
    public const int Hex1 = 9;

    /// <summary>After a first digit D: the second keeps the code away from surrogates, which would have to come in
    /// pairs.</summary>
    public const int Hex2AfterD = 10;

    /// <summary>Before the second digit of four.</summary>
    public const int Hex2 = 11;

    /// <summary>Before the third digit of four.</summary>
    public const int Hex3 = 12;

    /// <summary>Before the last digit of four.</summary>
    public const int Hex4 = 13;

    /// <summary>The place after one more byte of an escape; -1 where it cannot come.</summary>
    public static int StepEscape(int phase, byte value)
    {
        if (phase == Escape && value == (byte)'u')
            return Hex1;
        if (phase == Escape)
            return "\"\\/bfnrt"u8.Contains(value) ? Text : -1;
        if (!char.IsAsciiHexDigit((char)value))
            return -1;
        return phase switch
        {
            Hex1 => (value | 0x20) == 'd' ? Hex2AfterD : Hex2,
            Hex2AfterD => value is >= (byte)'0' and <= (byte)'7' ? Hex3 : -1,
            Hex2 => Hex3,
            Hex3 => Hex4,
            _ => Text,
        };
    }

    /// <summary>Bytes that are missing of the character.</summary>
    public static int Missing(int phase) =>
        phase switch
        {
            Escape or Hex4 => 1,
            Hex1 => 4,
            Hex2AfterD or Hex2 => 3,
            Hex3 => 2,
            _ => Utf8.Missing(phase),
        };
}
