namespace Palimpsest.Unlearning;

/// <summary>Which weights of the chosen layers selective amnesia changes.</summary>
public enum AmnesiaComponent
{
    /// <summary>Those of the MLPs.</summary>
    Mlp,

    /// <summary>Those of the attention.</summary>
    Attention,

    /// <summary>All of them.</summary>
    All,
}
