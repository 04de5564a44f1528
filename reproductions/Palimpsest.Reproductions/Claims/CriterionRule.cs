namespace Palimpsest.Reproductions;

/// <summary>How the margins of the seeds are judged.</summary>
public enum CriterionRule
{
    /// <summary>The mean margin's 95 % interval over seeds lies above 0 (or at 0: not shown).</summary>
    MeanAbove,

    /// <summary>The mean margin's 95 % interval over seeds lies at or above 0.</summary>
    MeanAtLeast,

    /// <summary>The margin is at or above 0 in every seed: for what has to hold always.</summary>
    EverySeed,
}
