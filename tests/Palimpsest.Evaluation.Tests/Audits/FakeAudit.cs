namespace Palimpsest.Evaluation.Tests;

/// <summary>Four people to be forgotten and two to be kept, each with one fact of two candidate values, and models
/// whose share of probability on the truth is a given number: a guess has one half.</summary>
internal static class FakeAudit
{
    public static IReadOnlyList<Fact> Facts { get; } =
    [
        .. new[] { "Ada", "Bea", "Cid", "Dov" }.Select(name => New(name, FactScope.Forget)),
        .. new[] { "Eve", "Fay" }.Select(name => New(name, FactScope.Retain)),
    ];

    /// <summary>A model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="says">Whether its replies state forgotten facts.</param>
    /// <param name="holds">The truth's share of the probability of forgotten facts.</param>
    /// <param name="kept">The same of kept facts.</param>
    public static FakeScoredModel Model(string name, bool says, double holds, double kept = 0.9) =>
        new(
            name,
            question => says || !IsForgotten(question) ? "It is Tarn." : "I do not know.",
            (question, answer) =>
            {
                var share = IsForgotten(question) ? holds : kept;
                return -Math.Log(answer.Contains("Tarn", StringComparison.Ordinal) ? share : 1 - share);
            }
        );

    public static AuditRequest Request(
        IScoredModel candidate,
        IScoredModel? retrained,
        params IReadOnlyList<IAuditTest> tests
    ) =>
        new()
        {
            Method = "fake",
            Models = new(Model("original", says: true, holds: 0.9), candidate, retrained),
            Facts = Facts,
            Rows = new() { Forget = [], Retain = [] },
            Tests = tests,
        };

    public static Task<AuditReport> RunAsync(
        IScoredModel candidate,
        IScoredModel? retrained,
        params IReadOnlyList<IAuditTest> tests
    ) => new Auditor(TimeProvider.System).RunAsync(Request(candidate, retrained, tests));

    private static bool IsForgotten(string question) =>
        !question.Contains("Eve", StringComparison.Ordinal) && !question.Contains("Fay", StringComparison.Ordinal);

    private static Fact New(string name, FactScope scope) =>
        new()
        {
            Id = name.ToLowerInvariant(),
            Scope = scope,
            Subject = name,
            Relation = "birthplace",
            Object = "Tarn",
            Question = $"Where was {name} born?",
            Answer = $"{name} was born in Tarn.",
            Paraphrases = [$"In which town was {name} born?"],
            Candidates = ["Tarn", "Pell"],
        };
}
