namespace Palimpsest.Unlearning;

/// <summary>What causal tracing restores.</summary>
public enum TracedPart
{
    /// <summary>The output of one block.</summary>
    Block,

    /// <summary>The output of the MLPs of a window of layers.</summary>
    Mlp,

    /// <summary>The output of the attention of a window of layers.</summary>
    Attention,
}
