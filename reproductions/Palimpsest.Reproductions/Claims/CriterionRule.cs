namespace Palimpsest.Reproductions;

/// <summary>How the margins of the seeds are judged.</summary>
public enum CriterionRule
{
    /// <summary>Shown when the mean margin's 95 % interval over seeds lies above 0; not shown when none of it
    /// does.</summary>
    MeanAbove,

    /// <summary>Shown when the mean margin's 95 % interval over seeds lies at or above 0; not shown when all of it is
    /// below.</summary>
    MeanAtLeast,

    /// <summary>The margin is at or above 0 in every seed: for what has to hold always.</summary>
    EverySeed,
}
