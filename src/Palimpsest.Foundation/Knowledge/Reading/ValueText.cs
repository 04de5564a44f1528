using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>Tells what kind of value a text is, and how else it is written.</summary>
internal static partial class ValueText
{
    private const string Word = @"\p{Lu}[\p{L}\p{M}\d'’.&-]*";
    private const string AnyWord = @"[\p{L}\p{M}\d'’-]+";
    private const string Others =
        "and|or|but|because|which|who|whom|whose|when|while|where|since|until|after|before|that|is|was|has|had|in|at|"
        + "on|from|for|with|by|as|to|than|also|not";

    /// <summary>The pattern of a name of one or more capitalised words, for building others.</summary>
    public const string Name = $"{Word}(?: (?:(?:de|da|del|der|den|di|du|la|le|van|von|bin|ibn|al|of|the) )*{Word})*";

    /// <summary>Whether a text, as it stands, is one value of a kind.</summary>
    public static bool Fits(ValueKind kind, string text) =>
        kind switch
        {
            ValueKind.Place => PlaceName().IsMatch(text),
            ValueKind.Person => PersonName().IsMatch(text),
            ValueKind.Organisation => OrganisationName().IsMatch(text),
            ValueKind.Work => Quoted().IsMatch(text) || OrganisationName().IsMatch(text),
            ValueKind.Role => RoleText().IsMatch(text),
            ValueKind.Date => DateText.IsDate(text),
            ValueKind.Year => YearText().IsMatch(text),
            ValueKind.Number => NumberWords.Read(text) is not null,
            _ => ThingText().IsMatch(text) || PersonName().IsMatch(text) || Quoted().IsMatch(text),
        };

    /// <summary>The narrowest kind that a text alone tells; null when it is no single value.</summary>
    public static ValueKind? KindOf(string text)
    {
        foreach (var kind in (ValueKind[])[ValueKind.Date, ValueKind.Year, ValueKind.Number])
        {
            if (Fits(kind, text))
                return kind;
        }

        return Fits(ValueKind.Thing, text) || OrganisationName().IsMatch(text) ? ValueKind.Thing : null;
    }

    /// <summary>Other ways to write a value: without its article, a number in figures or words, a date with the month
    /// first or last.</summary>
    public static IReadOnlyList<string> Aliases(ValueKind kind, string value)
    {
        var aliases = new List<string>();
        if (Article().Match(value) is { Success: true } article)
            aliases.Add(value[article.Length..]);
        if (kind == ValueKind.Number && NumberWords.Other(value) is { } number)
            aliases.Add(number);
        if (kind == ValueKind.Date)
            aliases.AddRange(DateText.Others(value));
        return aliases;
    }

    /// <summary>A value without the marks of quotation around it.</summary>
    public static string Unquoted(string value) => Quoted().IsMatch(value) ? value[1..^1] : value;

    [GeneratedRegex($"^(?:the )?{Word}(?: (?:(?:of|the|de|la|le|du|del|upon|am|an|der|den) )*{Word})*$", Flags, 1000)]
    private static partial Regex PlaceName();

    [GeneratedRegex($"^{Name}$", Flags, 1000)]
    private static partial Regex PersonName();

    [GeneratedRegex($@"^(?:the )?(?:{Word}|\d+)(?: (?:(?:of|the|and|for|de|a|an|&) )*(?:{Word}|\d+))*$", Flags, 1000)]
    private static partial Regex OrganisationName();

    [GeneratedRegex("""^(?:"[^"]{1,80}"|“[^”]{1,80}”)$""", Flags, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex($@"^(?:an?|the) (?!(?:{Others})\b){AnyWord}(?: (?!(?:{Others})\b){AnyWord}){{0,4}}$", Flags, 1000)]
    private static partial Regex RoleText();

    [GeneratedRegex(
        $@"^(?!(?:{Others})\b)[\p{{L}}\p{{M}}\d'’-]+(?: (?!(?:{Others})\b)[\p{{L}}\p{{M}}\d'’-]+){{0,4}}$",
        Flags,
        1000
    )]
    private static partial Regex ThingText();

    [GeneratedRegex("^(?:1[0-9]|20)[0-9]{2}$", Flags, 1000)]
    private static partial Regex YearText();

    [GeneratedRegex("^(?:an?|the) ", Flags, 1000)]
    private static partial Regex Article();

    private const RegexOptions Flags = RegexOptions.CultureInvariant;
}
