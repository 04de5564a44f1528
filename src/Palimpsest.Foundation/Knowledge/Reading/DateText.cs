using System.Globalization;

namespace Palimpsest.Foundation;

/// <summary>Days as they are written in English text.</summary>
internal static class DateText
{
    private static readonly string[] Forms = ["d MMMM yyyy", "MMMM d, yyyy", "yyyy-MM-dd"];

    /// <summary>Whether a text is a day.</summary>
    public static bool IsDate(string text) => Form(text, out _) is not null;

    /// <summary>Another day in the form of a text that is one.</summary>
    /// <exception cref="ArgumentException">The text is no day.</exception>
    public static string Like(string example, DateOnly day) =>
        day.ToString(
            Form(example, out _) ?? throw new ArgumentException($"'{example}' is no day.", nameof(example)),
            CultureInfo.InvariantCulture
        );

    /// <summary>The day; null when the text is none.</summary>
    public static DateOnly? Read(string text) => Form(text, out var day) is null ? null : day;

    /// <summary>The same day in the other forms.</summary>
    public static IEnumerable<string> Others(string text) =>
        Read(text) is { } day
            ? Forms.Select(form => day.ToString(form, CultureInfo.InvariantCulture)).Where(other => other != text)
            : [];

    private static string? Form(string text, out DateOnly day)
    {
        foreach (var form in Forms)
        {
            if (DateOnly.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
                return form;
        }

        day = default;
        return null;
    }
}
