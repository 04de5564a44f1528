namespace Palimpsest.Evaluation;

/// <summary>What a high value of a benchmark's score says of a model that was to forget.</summary>
public enum ScoreMeaning
{
    /// <summary>Neither.</summary>
    Other,

    /// <summary>It still has what was to be forgotten.</summary>
    Forgotten,

    /// <summary>It kept what was to be kept.</summary>
    Kept,

    /// <summary>Privacy leakage in percent: 0 is ideal, negative is under-unlearned.</summary>
    Leakage,
}
