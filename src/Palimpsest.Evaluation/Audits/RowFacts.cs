using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Question-answer rows as facts and probes, for data that come without triples.</summary>
public static class RowFacts
{
    /// <summary>One fact per row: the answer is the object, the wrong answers are its candidates, the subject is whom
    /// it names.</summary>
    /// <param name="forget">Rows of scope forget.</param>
    /// <param name="retain">Rows of scope retain.</param>
    public static IReadOnlyList<Fact> Of(IReadOnlyList<QuestionAnswer> forget, IReadOnlyList<QuestionAnswer> retain)
    {
        ArgumentNullException.ThrowIfNull(forget);
        ArgumentNullException.ThrowIfNull(retain);
        var subjects = RowSubjects.Of([.. forget, .. retain]);
        return
        [
            .. forget.Select((row, i) => Of(row, i, FactScope.Forget, subjects[i])),
            .. retain.Select((row, i) => Of(row, i, FactScope.Retain, subjects[forget.Count + i])),
        ];
    }

    /// <summary>Further probes of such facts: the question in a sentence that the model was not trained on.</summary>
    /// <param name="facts">Facts made by
    /// <see cref="Of(IReadOnlyList{QuestionAnswer}, IReadOnlyList{QuestionAnswer})"/>.</param>
    public static IReadOnlyList<SleekProbe> Probes(IEnumerable<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return
        [
            .. facts.SelectMany(fact =>
                new[] { $"Please tell me. {fact.Question}", $"{fact.Question} Answer in full." }.Select(
                    (text, i) =>
                        new SleekProbe
                        {
                            Id = string.Create(CultureInfo.InvariantCulture, $"{fact.Id}/wrapped/{i}"),
                            FactId = fact.Id,
                            Scope = fact.Scope,
                            Category = ProbeCategory.Direct,
                            Text = text,
                            KnowledgePoint = fact.Answer,
                            Expected = [fact.Object, .. fact.Aliases],
                        }
                )
            ),
        ];
    }

    private static Fact Of(QuestionAnswer row, int number, FactScope scope, string? subject) =>
        new()
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{ChoiceQuestion.Name(scope)}-{number}"),
            Scope = scope,
            Subject = subject ?? string.Create(CultureInfo.InvariantCulture, $"row {number}"),
            Relation = "",
            Object = row.Answer,
            Aliases = [string.Join(' ', AnswerWords.CarriedBy(row))],
            Question = row.Question,
            Answer = row.Answer,
            Paraphrases = row.ParaphrasedQuestion is { } other ? [other] : [],
            Candidates = [row.Answer, .. row.PerturbedAnswers],
        };
}
