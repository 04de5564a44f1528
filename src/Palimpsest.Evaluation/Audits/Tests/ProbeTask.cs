namespace Palimpsest.Evaluation;

/// <summary>One relation for a linear probe: facts that it learns from, and forgotten facts of other subjects that it
/// is asked.</summary>
/// <param name="Relation">The relation.</param>
/// <param name="Train">Kept facts, and forgotten facts of half of the subjects.</param>
/// <param name="Test">Forgotten facts of the other half whose value some training fact has.</param>
internal sealed record ProbeTask(string Relation, IReadOnlyList<Fact> Train, IReadOnlyList<Fact> Test)
{
    private const int Folds = 5;

    /// <summary>Every relation of the forgotten facts that has at least two values among training facts and a fact to
    /// be asked.</summary>
    public static IReadOnlyList<ProbeTask> FromFacts(IReadOnlyList<Fact> facts)
    {
        var split = RelearnSplit.Of(facts);
        var tasks = new List<ProbeTask>();
        foreach (
            var group in facts.Where(ProbeLabeller.HasTriple).GroupBy(fact => fact.Relation, StringComparer.Ordinal)
        )
        {
            Fact[] train =
            [
                .. group.Where(fact => fact.Scope == FactScope.Retain),
                .. split.Taught.Where(fact => fact.Relation == group.Key),
            ];
            var values = train.Select(fact => fact.Object).ToHashSet(StringComparer.Ordinal);
            Fact[] test = [.. split.Measured.Where(fact => fact.Relation == group.Key && values.Contains(fact.Object))];
            if (values.Count > 1 && test.Length > 0)
                tasks.Add(new(group.Key, train, test));
        }

        return tasks;
    }

    /// <summary>1 for each test fact whose value is the training facts' commonest one.</summary>
    public IEnumerable<double> CommonestIsRight()
    {
        var commonest = Train.CountBy(fact => fact.Object).MaxBy(pair => pair.Value).Key;
        return Test.Select(fact => fact.Object == commonest ? 1.0 : 0.0);
    }

    /// <summary>1 for each test fact that a probe of all training facts gets right.</summary>
    /// <param name="states">[Train + Test, D] float64.</param>
    public IReadOnlyList<double> TestIsRight(Tensor states)
    {
        using var scope = NewDisposeScope();
        var classes = Classes();
        var predicted = LinearProbe.Predict(
            states.narrow(0, 0, Train.Count),
            [.. Train.Select(fact => classes[fact.Object])],
            states.narrow(0, Train.Count, Test.Count)
        );
        return [.. Test.Select((fact, i) => predicted[i] == classes[fact.Object] ? 1.0 : 0.0)];
    }

    /// <summary>1 for each training fact that a probe of the other folds gets right.</summary>
    /// <param name="states">[Train + Test, D] float64.</param>
    public IReadOnlyList<double> FoldsRight(Tensor states)
    {
        using var scope = NewDisposeScope();
        var classes = Classes();
        var right = new double[Train.Count];
        for (var fold = 0; fold < Math.Min(Folds, Train.Count); fold++)
        {
            long[] held = [.. Enumerable.Range(0, Train.Count).Where(i => i % Folds == fold).Select(i => (long)i)];
            long[] used = [.. Enumerable.Range(0, Train.Count).Where(i => i % Folds != fold).Select(i => (long)i)];
            if (used.Length == 0)
                continue;
            var predicted = LinearProbe.Predict(
                states.index_select(0, tensor(used)),
                [.. used.Select(i => classes[Train[(int)i].Object])],
                states.index_select(0, tensor(held))
            );
            foreach (var (i, value) in held.Zip(predicted))
                right[i] = value == classes[Train[(int)i].Object] ? 1 : 0;
        }

        return right;
    }

    private Dictionary<string, int> Classes() =>
        Train
            .Select(fact => fact.Object)
            .Distinct(StringComparer.Ordinal)
            .Index()
            .ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
}
