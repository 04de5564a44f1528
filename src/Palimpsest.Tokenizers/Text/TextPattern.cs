using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Palimpsest.Tokenizers;

/// <summary>A literal or regular expression of a tokenizer file, bounded in time.</summary>
/// <remarks>
/// .NET sees UTF-16 units where tokenizers see scalars, so a letter beyond the basic plane would count as a symbol.
/// Text with surrogates is therefore matched on a copy in which one rare character of the same category stands for each
/// such scalar.
/// </remarks>
internal sealed class TextPattern
{
    private const int LongestPattern = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly SearchValues<char> Surrogates = SearchValues.Create([
        .. Enumerable.Range(0xD800, 0x800).Select(unit => (char)unit),
    ]);

    private readonly string? _literal;
    private readonly Regex? _regex;

    private TextPattern(string? literal, Regex? regex) => (_literal, _regex) = (literal, regex);

    /// <summary>The literal, or null for a regular expression.</summary>
    public string? Literal => _literal;

    /// <summary>A pattern that was compiled with the program.</summary>
    public static TextPattern FromRegex(Regex regex) => new(null, regex);

    /// <summary>Reads <c>{"String": …}</c>, <c>{"Regex": …}</c> or a bare string.</summary>
    public static TextPattern Read(JsonField field)
    {
        if (field.Value.ValueKind == System.Text.Json.JsonValueKind.String)
            return new TextPattern(field.AsString(), null);
        if (!field["String"].IsNull)
            return new TextPattern(field["String"].AsString(), null);
        var pattern = field["Regex"].AsString();
        if (pattern.Length > LongestPattern)
            throw field.Error($"a pattern of {pattern.Length} characters; at most {LongestPattern} are allowed.");
        try
        {
            return new TextPattern(
                null,
                new Regex(
                    PatternTranslator.Translate(pattern),
                    RegexOptions.Compiled | RegexOptions.CultureInvariant,
                    Patience
                )
            );
        }
        catch (ArgumentException error)
        {
            throw new InputException(
                $"{field.Path}: {JsonField.Shown(pattern)} is not a pattern that can be used.",
                error
            );
        }
    }

    /// <summary>Adds the ranges, in UTF-16 units of <paramref name="text"/>, of all matches that are not
    /// empty.</summary>
    /// <exception cref="InputException">The pattern takes too long.</exception>
    public void FindMatches(string text, int start, int length, List<(int Start, int End)> matches)
    {
        var span = text.AsSpan(start, length);
        if (_literal is not null)
        {
            FindLiteral(span, start, matches);
            return;
        }

        try
        {
            if (span.ContainsAny(Surrogates))
            {
                FindBeyondBasicPlane(span, start, matches);
                return;
            }

            foreach (var match in _regex!.EnumerateMatches(span))
            {
                if (match.Length > 0)
                    matches.Add((start + match.Index, start + match.Index + match.Length));
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InputException(
                $"tokenizer.json: the pattern {JsonField.Shown(_regex!.ToString())} took longer than "
                    + $"{Patience.TotalSeconds} s.",
                error
            );
        }
    }

    /// <summary>The text with every match replaced; what is inserted shares the source of the last character that it
    /// replaces.</summary>
    public AlignedText Replace(AlignedText text, string content)
    {
        var matches = new List<(int Start, int End)>();
        FindMatches(text.Text, 0, text.Text.Length, matches);
        if (matches.Count == 0)
            return text;
        var builder = new AlignedTextBuilder(text.Text.Length);
        var done = 0;
        foreach (var (start, end) in matches)
        {
            builder.Append(text.Text.AsSpan(done, start - done), text.Source.AsSpan(done, start - done));
            builder.Append(content, text.Source[end - 1]);
            done = end;
        }

        builder.Append(text.Text.AsSpan(done), text.Source.AsSpan(done));
        return builder.ToText();
    }

    /// <summary>A plain text with every match replaced.</summary>
    public string Replace(string text, string content) =>
        _literal is { Length: > 0 }
            ? text.Replace(_literal, content, StringComparison.Ordinal)
            : Replace(AlignedText.FromOriginal(text, 0), content).Text;

    private void FindLiteral(ReadOnlySpan<char> span, int start, List<(int Start, int End)> matches)
    {
        if (_literal!.Length == 0)
            return;
        for (var from = 0; ; )
        {
            var index = span[from..].IndexOf(_literal, StringComparison.Ordinal);
            if (index < 0)
                return;
            matches.Add((start + from + index, start + from + index + _literal.Length));
            from += index + _literal.Length;
        }
    }

    private void FindBeyondBasicPlane(ReadOnlySpan<char> span, int start, List<(int Start, int End)> matches)
    {
        var stand = new char[span.Length];
        var unitOf = new int[span.Length + 1];
        var count = 0;
        for (var i = 0; i < span.Length; count++)
        {
            var rune = UnicodeClass.At(span, i, out var length);
            unitOf[count] = i;
            stand[count] = rune.IsBmp ? (char)rune.Value : StandIn(rune);
            i += length;
        }

        unitOf[count] = span.Length;
        foreach (var match in _regex!.EnumerateMatches(stand.AsSpan(0, count)))
        {
            if (match.Length > 0)
                matches.Add((start + unitOf[match.Index], start + unitOf[match.Index + match.Length]));
        }
    }

    private static char StandIn(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter => '\uA640',
            UnicodeCategory.LowercaseLetter => '\uA641',
            UnicodeCategory.TitlecaseLetter => '\u1F88',
            UnicodeCategory.ModifierLetter => '\uA60C',
            UnicodeCategory.OtherLetter => UnicodeClass.IsIdeograph(rune) ? '\u3402' : '\uA500',
            UnicodeCategory.DecimalDigitNumber => '\uA620',
            UnicodeCategory.LetterNumber => '\u3029',
            UnicodeCategory.OtherNumber => '\u3220',
            UnicodeCategory.NonSpacingMark => '\uA8C4',
            UnicodeCategory.SpacingCombiningMark => '\uA823',
            UnicodeCategory.EnclosingMark => '\uA670',
            UnicodeCategory.MathSymbol => '\u2A00',
            UnicodeCategory.CurrencySymbol => '\u20A0',
            UnicodeCategory.ModifierSymbol => '\uA700',
            UnicodeCategory.OtherPunctuation => '\uA60D',
            UnicodeCategory.DashPunctuation => '\u2E1A',
            UnicodeCategory.Format => '\u2061',
            UnicodeCategory.PrivateUse => '\uE000',
            UnicodeCategory.OtherNotAssigned => '\uFFF0',
            _ => '\u2800',
        };
}
