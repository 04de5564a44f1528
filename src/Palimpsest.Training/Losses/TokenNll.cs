namespace Palimpsest.Training;

/// <summary>The one token-NLL kernel: −log p of labelled tokens, through the tiled loss, with named reductions.</summary>
public static class TokenNll
{
    /// <summary>Runs the model and returns the NLL of every position [B, T] float32 (0 where not labelled), with gradient.</summary>
    /// <remarks>Entry [b, t] belongs to token t, predicted from position t − 1; column 0 is 0.</remarks>
    public static Tensor PerToken(CausalLM model, TokenBatch batch) => throw new NotImplementedException();

    /// <summary>Sum over a sequence's labelled tokens [B].</summary>
    public static Tensor SequenceSum(Tensor nll) => throw new NotImplementedException();

    /// <summary>Mean over a sequence's labelled tokens [B].</summary>
    public static Tensor SequenceMean(Tensor nll, Tensor labelMask) => throw new NotImplementedException();

    /// <summary>Mean over all labelled tokens of the batch, scalar.</summary>
    public static Tensor BatchTokenMean(Tensor nll, Tensor labelMask) => throw new NotImplementedException();
}
