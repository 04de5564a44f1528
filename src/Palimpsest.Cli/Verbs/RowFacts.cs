using System.Globalization;

namespace Palimpsest.Cli.Verbs;

/// <summary>Question-answer rows as facts, for data that come without triples.</summary>
internal static class RowFacts
{
    /// <summary>One fact per row: the answer is the object, the wrong answers are its candidates.</summary>
    public static IReadOnlyList<Fact> Of(IReadOnlyList<QuestionAnswer> forget, IReadOnlyList<QuestionAnswer> retain) =>
        [.. forget.Select((row, i) => Of(row, i, FactScope.Forget)), .. retain.Select((row, i) => Of(row, i, FactScope.Retain))];

    private static Fact Of(QuestionAnswer row, int number, FactScope scope) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{scope.ToString().ToLowerInvariant()}-{number}"),
        Scope = scope,
        Subject = string.Create(CultureInfo.InvariantCulture, $"row {number}"),
        Relation = "answer",
        Object = row.Answer,
        Question = row.Question,
        Answer = row.Answer,
        Paraphrases = row.ParaphrasedQuestion is { } other ? [other] : [],
        Candidates = [row.Answer, .. row.PerturbedAnswers],
    };
}
