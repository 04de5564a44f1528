namespace Palimpsest.Models;

/// <summary>Makes one model's logits of several models' logits: how a pair of models answers as one.</summary>
public interface ILogitComposer
{
    /// <summary>How many models it takes, at least 1; the first is the one that is changed.</summary>
    int Models { get; }

    /// <summary>Composes.</summary>
    /// <param name="logits">One tensor per model, each [..., V] float32; none is changed.</param>
    /// <param name="use">What the result is for.</param>
    /// <returns>Logits [..., V] float32, a new tensor that the caller disposes.</returns>
    /// <exception cref="ArgumentException">Not as many tensors as models, or of different shapes.</exception>
    Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use);
}
