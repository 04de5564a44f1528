using System.Globalization;

namespace Palimpsest.Tokenizers;

/// <summary>Reads what a filter's <c>attribute</c> names: a path with dots, numbers being places.</summary>
internal static class TemplateAttribute
{
    /// <summary>Reads an attribute of a value, the value itself if the attribute is none.</summary>
    /// <param name="attribute">The path, a place, or null.</param>
    /// <param name="foldsCase">Whether a text comes in lower case.</param>
    /// <param name="absent">What stands for a missing attribute, or null.</param>
    public static Func<object?, object?> Reader(object? attribute, bool foldsCase = false, object? absent = null)
    {
        object?[] parts = [attribute];
        if (TemplateValue.AsText(attribute) is { } path)
            parts = [.. path.Split('.').Select(Part)];
        else if (attribute is null)
            parts = [];
        return item =>
        {
            foreach (var part in parts)
            {
                item = TemplateMembers.Item(item, part);
                if (absent is not null && item is Undefined)
                    item = absent;
            }

            return foldsCase ? Folded(item) : item;
        };
    }

    /// <summary>A text in lower case; any other value as it is.</summary>
    public static object? Folded(object? value) =>
        TemplateValue.AsText(value) is { } text ? TemplateCase.Lower(text) : value;

    private static object Part(string part) =>
        part.Length > 0
        && part.All(char.IsAsciiDigit)
        && long.TryParse(part, CultureInfo.InvariantCulture, out var place)
            ? place
            : part;
}
