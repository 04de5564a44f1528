namespace Palimpsest.Models.Tests;

public sealed partial class GraceCodebookTests
{
    [Theory]
    [InlineData(GraceReplacement.LastPromptToken)]
    [InlineData(GraceReplacement.LastPromptTokenOnwards)]
    public void With_a_cache_the_answer_follows_what_the_prompt_s_end_decided(GraceReplacement replaces)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var codebook = GraceCodebook.Attach(
            _model,
            "edits",
            new()
            {
                Projection = Down,
                Radius = 0.01,
                Replaces = replaces,
            }
        );
        codebook.Add(codebook.Query(Prompt), [5, 6]);
        var ids = tensor(new long[] { 3, 7, 11, 19, 5, 6, 9, 8, 7, 6, 5, 4 }).view(2, 6);
        var whole = _model.Forward(new() { TokenIds = ids, AnswerMask = arange(6).ge(4).expand(2, 6) }).Logits!;
        using var cache = new KvCache(_model.Config, 2, 8);
        Tensor Read(int start, int count, KvPhase phase) =>
            _model
                .Forward(
                    new()
                    {
                        TokenIds = ids.narrow(1, start, count),
                        Cache = cache,
                        Phase = phase,
                    }
                )
                .Logits!;
        var parts = cat(
            [
                Read(0, 2, KvPhase.PrefillChunk),
                Read(2, 2, KvPhase.PrefillEnd),
                Read(4, 1, KvPhase.Step),
                Read(5, 1, KvPhase.Step),
            ],
            1
        );
        Assert.True((whole - parts).abs().max().item<float>() < 1e-4f);
        var other =
            replaces == GraceReplacement.LastPromptToken
                ? GraceReplacement.LastPromptTokenOnwards
                : GraceReplacement.LastPromptToken;
        codebook.Dispose();
        using var second = GraceCodebook.Attach(
            _model,
            "edits",
            new()
            {
                Projection = Down,
                Radius = 0.01,
                Replaces = other,
            }
        );
        second.Add(second.Query(Prompt), [5, 6]);
        var differs = _model.Forward(new() { TokenIds = ids, AnswerMask = arange(6).ge(4).expand(2, 6) }).Logits!;
        Assert.False(differs[0, 5].equal(whole[0, 5]).any().item<bool>());
        AssertSame(differs[1], whole[1]);
    }
}
