namespace Palimpsest.Models;

/// <summary>Where in a decoder an activation can be read or replaced, in the order of a pass.</summary>
/// <remarks>B rows, T tokens, D hidden size, H heads of Dh, F width of an MLP, N tokens that visit an expert.</remarks>
public enum TapPoint
{
    /// <summary>Embeddings of the tokens [B, T, D] as looked up or as given, before scale and positions (layer
    /// 0).</summary>
    TokenEmbedding,

    /// <summary>What enters the first block [B, T, D]: embeddings with scale and learned positions (layer 0).</summary>
    Embedding,

    /// <summary>A block's input [B, T, D].</summary>
    BlockInput,

    /// <summary>Queries [B, H, T, Dh] before rotation.</summary>
    Query,

    /// <summary>Keys [B, Hkv, T, Dh] before rotation.</summary>
    Key,

    /// <summary>Values [B, Hkv, T, Dh].</summary>
    Value,

    /// <summary>Attention probabilities [B, H, T, S], which are computed for the tap beside the fused kernel; the
    /// kernel's result stands unless the tap replaces them.</summary>
    AttentionWeights,

    /// <summary>Each head's output [B, H, T, Dh] before the output projection.</summary>
    HeadOutput,

    /// <summary>Attention output [B, T, D] after the output projection.</summary>
    AttentionOutput,

    /// <summary>The MLP's input [B, T, D], after its norm.</summary>
    MlpInput,

    /// <summary>A router's logits [B, T, E]; what replaces them decides who is visited.</summary>
    RouterLogits,

    /// <summary>What the activation function reads [B, T, F], inside experts [N, F]: the gate, or without one the up
    /// projection's output.</summary>
    MlpPreActivation,

    /// <summary>The activated gate [B, T, F], inside experts [N, F].</summary>
    MlpGate,

    /// <summary>The down projection's input [B, T, F], inside experts [N, F]: the "keys" of key-value
    /// memories.</summary>
    MlpKey,

    /// <summary>An expert's output [N, D] before its weight.</summary>
    ExpertOutput,

    /// <summary>The MLP's output [B, T, D]; of a mixture, that of all experts together.</summary>
    MlpOutput,

    /// <summary>A block's output [B, T, D].</summary>
    BlockOutput,

    /// <summary>Hidden states [B, T, D] after the final norm (layer = number of layers).</summary>
    FinalNorm,
}
