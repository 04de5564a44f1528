namespace Palimpsest.Models;

/// <summary>The one token-NLL kernel: −log p of labelled tokens, with named reductions. From hidden states it goes
/// through the tiled loss; where logits are at hand, or an adapter changes the head, through the log-softmax of the
/// logits.</summary>
public static class TokenNll
{
    /// <summary>Runs the model and returns the NLL of every position [B, T] float32 (0 where not labelled), with
    /// gradient.</summary>
    /// <remarks>Entry [b, t] belongs to token t, predicted from position t − 1; column 0 is 0.</remarks>
    public static Tensor PerToken(CausalLM model, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var hidden = model
            .Forward(
                new()
                {
                    TokenIds = batch.Ids,
                    AttentionMask = batch.AttentionMask,
                    AnswerMask = batch.LabelMask,
                    Flags = batch.Flags,
                    Logits = LogitsFor.None,
                }
            )
            .Hidden;
        return Scatter(model, batch, hidden).MoveToOuterDisposeScope();
    }

    /// <summary>The NLL of every position [B, T] from hidden states [B, T, D] that were computed before.</summary>
    public static Tensor FromHidden(CausalLM model, TokenBatch batch, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return Scatter(model, batch, hidden).MoveToOuterDisposeScope();
    }

    /// <summary>The NLL of labels [...] from their logits [..., V], with gradient.</summary>
    /// <param name="logits">[..., V] float32.</param>
    /// <param name="labels">[...] int64 in [0, V).</param>
    public static Tensor FromLogits(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return LogProbabilities(nn.functional.log_softmax(logits, -1), labels).neg().MoveToOuterDisposeScope();
    }

    /// <summary>The log-probability of labels [...] from those of the vocabulary [..., V].</summary>
    internal static Tensor LogProbabilities(Tensor logSoftmax, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return logSoftmax.gather(-1, labels.unsqueeze(-1)).squeeze(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Sum over a sequence's labelled tokens [B].</summary>
    public static Tensor SequenceSum(Tensor nll) => nll.sum(1);

    /// <summary>Mean over a sequence's labelled tokens [B].</summary>
    public static Tensor SequenceMean(Tensor nll, Tensor labelMask)
    {
        using var scope = NewDisposeScope();
        return (nll.sum(1) / labelMask.sum(1).clamp_min(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Mean over all labelled tokens of the batch, scalar.</summary>
    public static Tensor BatchTokenMean(Tensor nll, Tensor labelMask)
    {
        using var scope = NewDisposeScope();
        return (nll.sum() / labelMask.sum().clamp_min(1)).MoveToOuterDisposeScope();
    }

    private static Tensor Scatter(CausalLM model, TokenBatch batch, Tensor hidden)
    {
        var width = hidden.shape[2];
        var flat = batch.LabelMask.reshape(-1).nonzero().reshape(-1); // token t of row b at b·T + t
        var rows = hidden.reshape(-1, width).index_select(0, flat - 1); // predicted one position earlier
        var labels = batch.Ids.reshape(-1).index_select(0, flat);
        var nll = Head(model, rows, labels);
        return zeros([batch.Ids.numel()], device: nll.device).index_copy(0, flat, nll).reshape(batch.Ids.shape);
    }

    private static Tensor Head(CausalLM model, Tensor rows, Tensor labels)
    {
        if (!model.HeadIsAdapted)
        {
            var options = new TiledCrossEntropyOptions { SoftCap = model.Config.LogitSoftCap };
            return TiledCrossEntropy.Rows(rows, model.HeadMatrix(), labels, model.HeadBias, options).Nll;
        }

        return FromLogits(model.HeadLogits(rows), labels);
    }
}
