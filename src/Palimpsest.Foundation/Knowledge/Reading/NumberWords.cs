using System.Globalization;

namespace Palimpsest.Foundation;

/// <summary>Whole numbers in figures, and from one to twenty in words.</summary>
internal static class NumberWords
{
    private const int Most = 999_999;

    private static readonly string[] Words =
    [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];

    /// <summary>The number; null when the text is none.</summary>
    public static int? Read(string text)
    {
        if (Array.IndexOf(Words, text) is > 0 and var word)
            return word;
        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= Most
            && Figures(number) == text
            ? number
            : null;
    }

    /// <summary>A number written as another one is: in words where that is in words and there is one.</summary>
    public static string Like(string example, int number) =>
        !char.IsAsciiDigit(example[0]) && number > 0 && number < Words.Length ? Words[number] : Figures(number);

    /// <summary>The same number the other way, in words or in figures; null when there is none.</summary>
    public static string? Other(string text)
    {
        if (Read(text) is not { } number)
            return null;
        if (!char.IsAsciiDigit(text[0]))
            return Figures(number);
        return number > 0 && number < Words.Length ? Words[number] : null;
    }

    private static string Figures(int number) => number.ToString(CultureInfo.InvariantCulture);
}
