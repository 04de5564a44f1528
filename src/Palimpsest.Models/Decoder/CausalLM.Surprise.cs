namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private const int SurpriseBlock = 64; // tokens whose logits are held at once

    /// <summary>Tells a cache's policy how surprising the tokens of a pass were.</summary>
    private void Tell(KvCache cache, Tensor hidden, ForwardState state)
    {
        var ids =
            state.Input.TokenIds
            ?? throw new ArgumentException(
                "A policy that wants surprise needs token ids, not embeddings.",
                nameof(state)
            );
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (batch, tokens) = (ids.shape[0], ids.shape[1]);
        var before = cache.LastHidden ?? zeros([batch, 1, hidden.shape[2]], device: hidden.device);
        var asking = tokens == 1 ? before : cat([before, hidden.narrow(1, 0, tokens - 1)], 1); // who foretells whom
        var known = Known(cache, state, batch, tokens);
        var parts = new List<Tensor>();
        for (long start = 0; start < tokens; start += SurpriseBlock)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(SurpriseBlock, tokens - start);
            var logits = HeadLogits(asking.narrow(1, start, count)).log_softmax(-1);
            var own = logits.gather(2, ids.narrow(1, start, count).unsqueeze(-1)).squeeze(-1);
            parts.Add((-own).MoveToOuterDisposeScope());
        }

        var surprise = cat(parts, 1).masked_fill(known.logical_not(), 0);
        surprise = where(known, surprise, surprise.amax([1], keepdim: true));
        cache.KeepLast(hidden.narrow(1, tokens - 1, 1).clone());
        cache.Policy!.AfterPass(cache, state.Phase, surprise);
    }

    /// <summary>Tokens that a real token before them foretells [B, T] bool.</summary>
    private static Tensor Known(KvCache cache, ForwardState state, long batch, long tokens)
    {
        var known = ones([batch, tokens], ScalarType.Bool, device: state.Mask.Device);
        if (cache.LastHidden is null)
            known = known.logical_and(arange(tokens, device: known.device).gt(0));
        if (state.Mask.Real is not { } real || tokens == 1)
            return known;
        var now = state.RealNow!;
        var preceded = cat([ones([batch, 1], ScalarType.Bool, device: real.device), now.narrow(1, 0, tokens - 1)], 1);
        return known.logical_and(preceded).logical_and(now);
    }
}
