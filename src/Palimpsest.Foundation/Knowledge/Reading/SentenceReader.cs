using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>Reads facts from sentences and rows by <see cref="SentencePatterns"/>.</summary>
/// <remarks>A first name stands for the only full name of the texts that begins with it. A pronoun stands for whom a
/// row's question names; in a sentence by itself it is not resolved: a guess about whom it means would be a false
/// fact.</remarks>
public sealed partial class SentenceReader
{
    private readonly Dictionary<string, string?> _fullNames = new(StringComparer.Ordinal);

    /// <summary>A reader for texts that are read together.</summary>
    /// <param name="texts">Every text; names are found in them.</param>
    public SentenceReader(IEnumerable<SourceText> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        foreach (var text in texts)
        {
            var name = Match(text, out _)?.Subject ?? "";
            var end = name.IndexOf(' ', StringComparison.Ordinal);
            if (end < 0)
                continue;
            var first = name[..end];
            _fullNames[first] = !_fullNames.TryGetValue(first, out var known) || known == name ? name : null;
        }
    }

    /// <summary>The fact that a text states; null with a reason where no rule reads it.</summary>
    /// <param name="text">A sentence or a row.</param>
    /// <param name="unread">What to say of a text that was not read.</param>
    public ReadFact? Read(SourceText text, out UnreadText? unread)
    {
        ArgumentNullException.ThrowIfNull(text);
        unread = null;
        if (Match(text, out var problem) is not { } match)
        {
            unread = new(text.Place, text.Question ?? text.Text, problem);
            return null;
        }

        return Fact(text, match with { Subject = FullName(match.Subject) });
    }

    private string FullName(string subject) =>
        _fullNames.TryGetValue(subject, out var name) && name is not null ? name : subject;

    private static PatternMatch? Match(SourceText text, out string problem)
    {
        var said = End().Replace(text.Text.Trim(), "");
        var sentence = said;
        if (Pronoun().IsMatch(sentence))
        {
            var name = text.Question is { } asked ? QuestionShape.Of(asked).Subject : "";
            problem = "it begins with a pronoun; write the name";
            if (name.Length == 0)
                return null;
            sentence = Pronoun().Replace(sentence, pronoun => pronoun.Groups["of"].Success ? $"{name}'s" : name);
        }

        problem = "no pattern fits; say one thing in a short sentence, for example 'Ada Lind was born in Velmora.'";
        foreach (var pattern in SentencePatterns.All)
        {
            if (pattern.Read(sentence, out var near) is { } match)
                return match;
            problem = near ?? problem;
        }

        if (text.Question is null)
            return null;
        var (question, value) = (text.Question.Trim(), Lead().Replace(said, ""));
        return SentencePatterns.All.Select(p => p.Read(question, value)).FirstOrDefault(match => match is not null);
    }

    private static ReadFact Fact(SourceText text, PatternMatch match)
    {
        string Text(string form) => SentencePattern.Fill(form, match);
        var (question, other) = (Text(match.Pattern.Question), Text(match.Pattern.OtherQuestion));
        var asked = text.Question ?? question;
        return new()
        {
            Place = text.Place,
            Subject = match.Subject,
            Relation = Text(match.Pattern.Relation),
            Value = match.Value,
            Kind = match.Kind,
            Question = asked,
            Answer = text.Text.Trim(),
            OtherQuestion = SameText.Key(asked) == SameText.Key(other) ? question : other,
            Paraphrase = Capital(Text(match.Pattern.Paraphrase)) + ".",
            Aliases = ValueText.Aliases(match.Kind, match.Value),
        };
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    [GeneratedRegex(@"[.!]$", RegexOptions.CultureInvariant)]
    private static partial Regex End();

    // What stands before the value in an answer that is not a whole sentence.
    [GeneratedRegex(
        @"^(?:(?:It|That) (?:is|was) )?(?:(?:In|On|At|To|For|From|By|With|As|in|on|at|to|for|from|by|with|as) )?",
        RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex Lead();

    [GeneratedRegex(
        "^(?:(?<of>His|Her|Their|Its|My|Our)|He|She|They|It|I|We)(?= )",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Pronoun();
}
