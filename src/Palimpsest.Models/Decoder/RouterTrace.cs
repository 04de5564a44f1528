namespace Palimpsest.Models;

/// <summary>What a mixture-of-experts layer's router decided.</summary>
/// <param name="Layer">Zero-based layer.</param>
/// <param name="Logits">Router logits [B, T, E] float32.</param>
/// <param name="Probabilities">Softmax over experts [B, T, E] float32.</param>
/// <param name="TopExperts">Chosen experts [B, T, K] int64.</param>
public sealed record RouterTrace(int Layer, Tensor Logits, Tensor Probabilities, Tensor TopExperts)
{
    /// <summary>Lets the tensors outlive the current dispose scope.</summary>
    internal void MoveToOuterScope()
    {
        Logits.MoveToOuterDisposeScope();
        Probabilities.MoveToOuterDisposeScope();
        TopExperts.MoveToOuterDisposeScope();
    }
}
