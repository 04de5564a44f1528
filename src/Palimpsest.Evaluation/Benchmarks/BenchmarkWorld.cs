namespace Palimpsest.Evaluation;

/// <summary>What stand-ins of benchmarks are made of: facts, rows and running texts of a fictitious world.</summary>
public sealed record BenchmarkWorld
{
    /// <summary>Facts of all scopes, with candidates.</summary>
    public required IReadOnlyList<Fact> Facts { get; init; }

    /// <summary>Rows to be forgotten.</summary>
    public required IReadOnlyList<QuestionAnswer> Forget { get; init; }

    /// <summary>Rows to be kept.</summary>
    public required IReadOnlyList<QuestionAnswer> Retain { get; init; }

    /// <summary>Rows of the same kind that no model saw.</summary>
    public required IReadOnlyList<QuestionAnswer> Holdout { get; init; }

    /// <summary>Running texts about those who are to be forgotten.</summary>
    public required IReadOnlyList<string> ForgetTexts { get; init; }

    /// <summary>Seed of what a stand-in draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The facts of a scope.</summary>
    public IReadOnlyList<Fact> FactsOf(FactScope scope) => [.. Facts.Where(fact => fact.Scope == scope)];
}
