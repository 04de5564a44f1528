using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>A question without whom it is about: rows of one shape ask for one relation.</summary>
/// <param name="Subject">The longest name in the question; empty where there is none.</param>
/// <param name="Relation">The question with … in the name's place, without the question mark.</param>
internal sealed partial record QuestionShape(string Subject, string Relation)
{
    /// <summary>The shape of a question.</summary>
    public static QuestionShape Of(string question)
    {
        var start = Opening().Match(question).Length;
        var subject = Names()
            .Matches(question[start..])
            .Select(name => Possessive().Replace(name.Value, "").TrimEnd('.'))
            .OrderByDescending(name => name.Count(c => c == ' '))
            .FirstOrDefault("");
        var shape = subject.Length > 0 ? question.Replace(subject, "…", StringComparison.Ordinal) : question;
        return new(subject, shape.Trim().TrimEnd('?', '.', ' '));
    }

    [GeneratedRegex(ValueText.Name, RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Names();

    [GeneratedRegex("['’]s?$", RegexOptions.CultureInvariant)]
    private static partial Regex Possessive();

    [GeneratedRegex(
        @"^(?:Who|Whom|Whose|What|When|Where|Which|Why|How|In|On|Of|At|To|For|From|By|With|Is|Are|Was|Were|Does|Do|"
            + @"Did|Has|Have|Had|Can|Could|Tell|Name|Please)\b",
        RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex Opening();
}
