namespace Palimpsest.Evaluation;

/// <summary>The sets of RWKU's probes.</summary>
public enum RwkuSet
{
    /// <summary>Blanks to be filled, on the person to be forgotten.</summary>
    ForgetBlank,

    /// <summary>Plain questions on that person.</summary>
    ForgetQuestion,

    /// <summary>The nine kinds of attack.</summary>
    ForgetAttack,

    /// <summary>Blanks on neighbours, who are to be kept.</summary>
    NeighbourBlank,

    /// <summary>Plain questions on neighbours.</summary>
    NeighbourQuestion,
}
