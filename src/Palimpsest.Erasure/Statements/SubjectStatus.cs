namespace Palimpsest.Erasure;

/// <summary>What a verifier found of a subject.</summary>
public enum SubjectStatus
{
    /// <summary>What was given has the signed digest.</summary>
    Matches,

    /// <summary>What was given has another digest.</summary>
    Differs,

    /// <summary>Nothing was given to compare.</summary>
    NotGiven,
}
