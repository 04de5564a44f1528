namespace Palimpsest.Models;

/// <summary>Which positions a forward pass computes logits for.</summary>
public enum LogitsFor
{
    /// <summary>Every position: logits [B, T, V].</summary>
    AllTokens,

    /// <summary>The last position alone: logits [B, 1, V]. The fast path of prefill and decode.</summary>
    LastToken,

    /// <summary>No logits: <see cref="ForwardOutput.Hidden"/> alone.</summary>
    None,
}
