namespace Palimpsest.Evaluation;

/// <summary>An attack with its settings: what users run alone and what an audit runs as a test are one and the
/// same.</summary>
/// <param name="Access">What it has to see of a model.</param>
/// <param name="Cost">About how much work it is, in words.</param>
/// <param name="Shows">What it shows when it succeeds, one sentence.</param>
/// <param name="Create">Makes the test.</param>
public sealed record Attack(ModelAccess Access, string Cost, string Shows, Func<AttackMaterial, IAuditTest> Create)
{
    /// <summary>What a program has to bring for it.</summary>
    public AttackNeeds Needs { get; init; }
}
