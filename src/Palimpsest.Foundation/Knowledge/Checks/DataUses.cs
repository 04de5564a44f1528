namespace Palimpsest.Foundation;

/// <summary>What files of a request can be used for.</summary>
internal static class DataUses
{
    private const int LeastOfOneSubject = 4;

    /// <summary>Every use, with what is lacking where it is not possible.</summary>
    public static IReadOnlyList<DataUse> Of(
        IReadOnlyList<DataRows> sets,
        IReadOnlyList<Fact> facts,
        IReadOnlyList<DataIssue> issues
    )
    {
        var (forget, retain, holdout) = (Rows(sets, "forget"), Rows(sets, "retain"), Rows(sets, "holdout"));
        var sound = issues.All(issue => issue.Severity != DataSeverity.Error);
        return
        [
            Use("train", sets.Any(set => set.Rows.Count > 0), "questions and answers are all that it needs", "rows"),
            Use("forget", forget.Count > 0, "methods that take forget rows alone", "forget rows"),
            Use(
                "forget with a retain term",
                forget.Count > 0 && retain.Count > 0,
                "what stands beside the forgotten rows is kept",
                "forget and retain rows"
            ),
            TruthRatio([.. forget, .. retain]),
            Audit(forget, retain, sound),
            Facts(facts, sound),
            Relearning(facts, forget),
            Use(
                "membership",
                forget.Count > 0 && holdout.Count > 0 && sound,
                $"{forget.Count} forget rows against {holdout.Count} that no model saw",
                sound ? "rows that no model saw (--holdout)" : "no error in the data"
            ),
            Rephrased([.. forget, .. retain]),
        ];
    }

    private static IReadOnlyList<QuestionAnswer> Rows(IReadOnlyList<DataRows> sets, string part) =>
        [.. SetChecks.Find(sets, part)?.Rows.Select(row => row.Row) ?? []];

    private static DataUse Use(string name, bool possible, string with, string lacking) =>
        new(name, possible, possible ? with : $"lacks {lacking}");

    private static DataUse TruthRatio(IReadOnlyList<QuestionAnswer> rows)
    {
        const string name = "TOFU metrics with truth ratio";
        var without = rows.Count(row => row.PerturbedAnswers.Count == 0);
        if (rows.Count == 0 || without > 0)
            return new(name, false, $"lacks 'perturbed_answer' in {without} of {rows.Count} forget and retain rows");
        var plain = rows.Count(row => row.ParaphrasedAnswer is null);
        return new(
            name,
            true,
            plain == 0
                ? "right answers in other words against wrong ones"
                : $"{plain} of {rows.Count} rows lack 'paraphrased_answer'; the answer as learnt stands in"
        );
    }

    private static DataUse Audit(IReadOnlyList<QuestionAnswer> forget, IReadOnlyList<QuestionAnswer> retain, bool sound)
    {
        const string name = "audit";
        if (forget.Count == 0 || retain.Count == 0)
            return new(name, false, "lacks forget and retain rows");
        if (forget.Concat(retain).Any(row => row.PerturbedAnswers.Count == 0))
            return new(name, false, "lacks 'perturbed_answer' in every row");
        return sound ? new(name, true, "whole answers are compared") : new(name, false, "lacks rows without errors");
    }

    private static DataUse Facts(IReadOnlyList<Fact> facts, bool sound)
    {
        const string name = "audit by facts, attack, evaluate recall";
        var (forget, retain) = (
            facts.Count(fact => fact.Scope == FactScope.Forget),
            facts.Count(fact => fact.Scope == FactScope.Retain)
        );
        if (forget == 0 || retain == 0)
            return new(name, false, "lacks facts of scope forget and retain (--facts)");
        if (!sound)
            return new(name, false, "lacks data without errors");
        var closed = facts.Count(fact => fact.Candidates.Count > 1);
        return new(name, true, $"a reply is judged by the fact; {closed} of {facts.Count} facts have candidates");
    }

    private static DataUse Relearning(IReadOnlyList<Fact> facts, IReadOnlyList<QuestionAnswer> forget)
    {
        const string name = "relearning test";
        var known = facts.Where(fact => fact.Scope == FactScope.Forget).ToArray();
        var subjects = known.Select(fact => fact.Subject).Distinct(StringComparer.Ordinal).Count();
        var count = known.Length > 0 ? known.Length : forget.Count;
        if (subjects > 1)
            return new(name, true, $"{subjects} subjects: some are taught again, the others are measured");
        return count >= LeastOfOneSubject
            ? new(name, true, "a half of the facts is taught again, the other is measured")
            : new(name, false, $"lacks facts: there are {count}, needed are {LeastOfOneSubject}");
    }

    private static DataUse Rephrased(IReadOnlyList<QuestionAnswer> rows)
    {
        var without = rows.Count(row => row.ParaphrasedQuestion is null);
        return Use(
            "questions in other words",
            rows.Count > 0 && without == 0,
            "what a model answers that was trained on other words",
            $"'paraphrased_question' in {without} of {rows.Count} forget and retain rows"
        );
    }
}
