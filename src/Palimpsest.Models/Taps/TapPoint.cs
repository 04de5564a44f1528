namespace Palimpsest.Models;

/// <summary>Where in a decoder an activation can be read or replaced.</summary>
public enum TapPoint
{
    /// <summary>Token embeddings [B, T, D] before the first block (layer 0).</summary>
    Embedding,

    /// <summary>A block's input [B, T, D].</summary>
    BlockInput,

    /// <summary>Queries [B, H, T, Dh] before rotation.</summary>
    Query,

    /// <summary>Keys [B, Hkv, T, Dh] before rotation.</summary>
    Key,

    /// <summary>Values [B, Hkv, T, Dh].</summary>
    Value,

    /// <summary>Attention probabilities [B, H, T, S]; tapping them turns the fused kernel off for that layer.</summary>
    AttentionWeights,

    /// <summary>Attention output [B, T, D] after the output projection.</summary>
    AttentionOutput,

    /// <summary>The MLP's input [B, T, D], after its norm.</summary>
    MlpInput,

    /// <summary>The activated gate [B, T, F].</summary>
    MlpGate,

    /// <summary>The down projection's input [B, T, F]: the "keys" of key-value memories.</summary>
    MlpKey,

    /// <summary>The MLP's output [B, T, D].</summary>
    MlpOutput,

    /// <summary>A block's output [B, T, D].</summary>
    BlockOutput,

    /// <summary>Hidden states [B, T, D] after the final norm (layer = number of layers).</summary>
    FinalNorm,
}
