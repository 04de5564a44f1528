namespace Palimpsest.Inference;

/// <summary>Where in a character of UTF-8 a byte stands; only well-formed characters pass.</summary>
internal static class Utf8
{
    /// <summary>Between characters.</summary>
    public const int Whole = 0;

    private const int AfterE0 = 4;
    private const int AfterEd = 5;
    private const int AfterF0 = 6;
    private const int AfterF4 = 7;

    /// <summary>The place after one more byte; -1 where it cannot come. 1 to 3 are bytes to come.</summary>
    public static int Step(int place, byte value) =>
        place switch
        {
            Whole => Begin(value),
            AfterE0 => value is >= 0xA0 and <= 0xBF ? 1 : -1,
            AfterEd => value is >= 0x80 and <= 0x9F ? 1 : -1,
            AfterF0 => value is >= 0x90 and <= 0xBF ? 2 : -1,
            AfterF4 => value is >= 0x80 and <= 0x8F ? 2 : -1,
            _ => value is >= 0x80 and <= 0xBF ? place - 1 : -1,
        };

    /// <summary>Bytes that are missing of the character.</summary>
    public static int Missing(int place) =>
        place switch
        {
            AfterE0 or AfterEd => 2,
            AfterF0 or AfterF4 => 3,
            _ => place,
        };

    private static int Begin(byte value) =>
        value switch
        {
            < 0x80 => Whole,
            >= 0xC2 and <= 0xDF => 1,
            0xE0 => AfterE0,
            0xED => AfterEd,
            >= 0xE1 and <= 0xEF => 2,
            0xF0 => AfterF0,
            0xF4 => AfterF4,
            >= 0xF1 and <= 0xF3 => 3,
            _ => -1,
        };
}
