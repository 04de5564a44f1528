using static TorchSharp.torch;

namespace Palimpsest.Reproductions;

/// <summary>Where a model with experts sends the tokens of rows.</summary>
internal static class Routing
{
    /// <summary>Mean share of a token's experts that two models choose alike, over real tokens and layers.</summary>
    public static double Overlap(LanguageModel before, LanguageModel after, IReadOnlyList<TokenSequence> rows)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var batch = TokenBatch.Collate(rows, before.PadId);
        var real = batch.AttentionMask.to(ScalarType.Float32);
        return Routers(before, batch)
            .Zip(Routers(after, batch))
            .Average(pair =>
            {
                var (old, now) = (pair.First.TopExperts, pair.Second.TopExperts); // [B, T, K]
                var shared = old.unsqueeze(-1).eq(now.unsqueeze(-2)).any(-1).to(ScalarType.Float32).mean([-1]);
                return (double)((shared * real).sum() / real.sum()).item<float>();
            });
    }

    /// <summary>Share of real tokens of which an expert is among the chosen.</summary>
    public static double Share(LanguageModel model, IReadOnlyList<TokenSequence> rows, (int Layer, int Expert) expert)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var batch = TokenBatch.Collate(rows, model.PadId);
        var real = batch.AttentionMask.to(ScalarType.Float32);
        var router = Routers(model, batch).Single(trace => trace.Layer == expert.Layer);
        var visits = router.TopExperts.eq(expert.Expert).any(-1).to(ScalarType.Float32);
        return ((visits * real).sum() / real.sum()).item<float>();
    }

    private static IReadOnlyList<RouterTrace> Routers(LanguageModel model, TokenBatch batch) =>
        model.Decoder.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask }).Routers;
}
