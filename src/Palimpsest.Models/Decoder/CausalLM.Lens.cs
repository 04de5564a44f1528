namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    /// <summary>Embeddings of all ids [V, D].</summary>
    /// <exception cref="InputException">They are held as codes.</exception>
    public TorchSharp.Modules.Parameter EmbeddingWeight => Dense(_embedding, "embedding");

    /// <summary>Embeddings [..., D] float32 of token ids [...], with gradient: what
    /// <see cref="ForwardInput.Embeddings"/> takes in the place of the ids.</summary>
    /// <param name="ids">int64.</param>
    /// <exception cref="InputException">An id outside the vocabulary.</exception>
    public Tensor Embed(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var scope = NewDisposeScope();
        return LookUp(ids, [.. ids.shape, Config.HiddenSize]).MoveToOuterDisposeScope();
    }

    /// <summary>The final norm of hidden states between blocks [..., D]: what <see cref="HeadLogits"/> reads if the
    /// blocks after them are left out (the logit lens).</summary>
    public Tensor LensHidden(Tensor hidden) => _finalNorm.forward(hidden);

    /// <summary>Logits [..., V] float32 that hidden states between blocks [..., D] would give if the blocks after them
    /// were left out: the logit lens.</summary>
    public Tensor LensLogits(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        return HeadLogits(LensHidden(hidden)).MoveToOuterDisposeScope();
    }
}
