namespace Palimpsest.Inference;

/// <summary>White space between the parts of JSON: one blank, or a line break with at most twenty blanks.</summary>
/// <remarks>Without a limit a model that likes blanks would write nothing else.</remarks>
internal static class Gap
{
    /// <summary>Nothing was written yet.</summary>
    public const int None = 0;

    private const int Blank = 1;
    private const int Line = 2;
    private const int MostBlanks = 20;

    /// <summary>The gap after one more byte; -1 where the byte is not of it.</summary>
    public static int Step(int gap, byte value)
    {
        if (value == (byte)'\n' && gap == None)
            return Line;
        if (value != (byte)' ')
            return -1;
        if (gap == None)
            return Blank;
        return gap is >= Line and < Line + MostBlanks ? gap + 1 : -1;
    }
}
