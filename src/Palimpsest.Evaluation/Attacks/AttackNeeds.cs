namespace Palimpsest.Evaluation;

/// <summary>What a program has to bring for an attack.</summary>
[Flags]
public enum AttackNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A way to teach rows to a copy of a model.</summary>
    Teaching = 1,

    /// <summary>A way to round the weights of a copy.</summary>
    Rounding = 2,

    /// <summary>Rows that were to be forgotten, and rows that no model saw.</summary>
    Rows = 4,
}
