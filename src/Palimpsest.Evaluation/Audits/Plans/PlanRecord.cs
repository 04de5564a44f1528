using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>The plan that an audit was held to.</summary>
/// <param name="Sha256">The digest of the plan's file.</param>
/// <param name="Deviations">Where the audit differed from it, one line each; empty when it was followed.</param>
public sealed record PlanRecord(string Sha256, IReadOnlyList<string> Deviations)
{
    /// <summary>Whether the audit did something else than was planned.</summary>
    [JsonInclude]
    public bool Tampered => Deviations.Count > 0;
}
