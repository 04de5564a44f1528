namespace Palimpsest.Evaluation;

/// <summary>What a judge says of a reply.</summary>
public enum Verdict
{
    /// <summary>It does not state the expected fact.</summary>
    Absent,

    /// <summary>It states or entails the expected fact.</summary>
    Stated,

    /// <summary>It declines to answer.</summary>
    Refused,
}
