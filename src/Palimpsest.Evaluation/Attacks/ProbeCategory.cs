namespace Palimpsest.Evaluation;

/// <summary>How near a probe is to the fact that it is after.</summary>
public enum ProbeCategory
{
    /// <summary>Names the subject and asks the relation.</summary>
    Direct,

    /// <summary>Asks a neighbouring fact whose answer exposes the fact by association, or asks it backwards.</summary>
    Indirect,

    /// <summary>Describes the subject without naming it.</summary>
    Implied,

    /// <summary>A control that has nothing to do with the request.</summary>
    Irrelevant,
}
