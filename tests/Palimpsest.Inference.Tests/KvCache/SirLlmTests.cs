using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class SirLlmTests
{
    [Fact]
    public void Sinks_and_surprising_entries_stay()
    {
        var policy = new SirLlm(new() { Sinks = 1, Surprising = 5 });
        Assert.Equal([0, 1, 3, 5], policy.Stay([0.1f, 0.9f, 0.2f, 0.8f, 0.3f, 0.4f], 2));
        Assert.Equal([0, 1, 2], policy.Stay([0.1f, 0.9f, 0.2f], 3)); // there is room
        Assert.Equal([0], policy.Stay([0.1f, 0.9f, 0.2f], 9)); // there is none
    }

    [Theory]
    [InlineData(0, 2, 0, 14, 6)]
    [InlineData(1, 2, 0, 14, 3)]
    [InlineData(2, 2, 4, 10, 5)]
    [InlineData(3, 4, 0, 8, 8)]
    [InlineData(4, 2, 3, 6, 7)]
    [InlineData(5, 3, 0, 12, 6)]
    public void The_authors_keep_the_same_entries(int at, int sinks, int recent, int surprising, int coming)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var policy = new SirLlm(
            new()
            {
                Sinks = sinks,
                Recent = recent,
                Surprising = surprising,
            }
        );
        var scores = reference.Read($"evict.{at}.scores").data<float>().ToArray();
        var stay = policy.Stay(scores, coming);
        Assert.Equal(reference.Read($"evict.{at}.kept").data<long>().ToArray(), stay.Select(place => (long)place));
        Assert.Equal(
            reference.Read($"evict.{at}.kept_scores").data<float>().ToArray(),
            stay.Select(place => scores[place])
        );
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("w_turns")]
    public void The_authors_rounds_evict_and_fade_the_same(string name)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var policy = new SirLlm(new() { Sinks = 3, Surprising = 61 });
        var rounds = 0;
        for (var round = 0; round < 7; round++)
        {
            var at = $"rounds.{name}.{round}";
            if (!reference.Names.Contains($"{at}.scores_before_eviction"))
                continue;
            var scores = reference.Read($"{at}.scores_before_eviction").data<float>().ToArray();
            var stay = policy.Stay(scores, (int)reference.Read($"{at}.coming").item<long>());
            var faded = tensor(stay.Select(place => scores[place] * 0.7f).ToArray());
            KvModels.Close(reference.Read($"{at}.scores_after_decay"), faded, 1e-5);
            rounds++;
        }

        Assert.InRange(rounds, 4, 7);
    }

    [Fact]
    public void Surprise_is_what_the_tokens_before_say_of_each()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        var (prompt, next) = (KvModels.Tokens(12, 1), KvModels.Tokens(5, 2));
        using var cache = KvModels.NewCache(model, "sirllm(surprising=40,decay=0.5)", 1);
        KvModels.Read(model, cache, prompt);
        KvModels.Read(model, cache, next);
        KvModels.Read(model, cache, [7]);
        int[] all = [.. prompt, .. next, 7];
        using var full = KvModels.NewCache(model, null, 1);
        var logits = KvModels.Read(model, full, all).log_softmax(-1);
        float[] expected =
        [
            .. Enumerable.Range(1, all.Length - 1).Select(i => -logits[0, i - 1, all[i]].item<float>()),
        ];
        var largest = expected[..11].Max(); // of the first prompt
        float[] faded = [largest, .. expected[..11]];
        var scores = ((ContiguousLayerCache)cache[0]).Scores!.view(-1);
        KvModels.Close(tensor([.. faded.Select(score => score / 2), .. expected[11..]]), scores);
    }

    [Fact]
    public void A_row_is_surprised_by_its_own_tokens_alone()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = KvModels.New("gqa");
        int[] prompt = KvModels.Tokens(6, 3);
        using var alone = KvModels.NewCache(model, "sirllm(surprising=40)", 1);
        KvModels.Read(model, alone, prompt);
        using var padded = KvModels.NewCache(model, "sirllm(surprising=40)", 1);
        long[] ids = [9, 9, .. prompt.Select(id => (long)id)];
        var real = tensor(new long[] { 0, 0, 1, 1, 1, 1, 1, 1 }).unsqueeze(0);
        model.Forward(
            new()
            {
                TokenIds = tensor(ids).unsqueeze(0),
                AttentionMask = real,
                Cache = padded,
            }
        );
        var scores = ((ContiguousLayerCache)padded[0]).Scores!.narrow(2, 2, 6);
        KvModels.Close(((ContiguousLayerCache)alone[0]).Scores!, scores);
    }

    [Fact]
    public void Without_room_for_surprise_it_is_the_stream_with_sinks()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        var (prompt, steps) = (KvModels.Tokens(12, 1), KvModels.Tokens(14, 2));
        // It makes room before a token comes, the other after.
        KvModels.Close(
            KvModels.Run(model, "streaming-llm(budget=11,sinks=2)", [prompt], steps),
            KvModels.Run(model, "sirllm(sinks=2,surprising=0,recent=10)", [prompt], steps)
        );
    }

    [Fact]
    public void A_stream_longer_than_the_models_positions_goes_on_at_flat_memory()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "sirllm(sinks=2,surprising=14)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(30, 1));
        var before = 0L;
        for (var i = 0; i < 100; i++)
        {
            using var step = NewDisposeScope();
            Assert.True(KvModels.Read(model, cache, [i % 60]).isfinite().all().item<bool>());
            if (i == 20)
                before = cache.Bytes.Physical;
            Assert.InRange(KvModels.Held(cache[1]).Length, 15, 16);
        }

        Assert.Equal(before, cache.Bytes.Physical);
    }

    [Fact]
    public void A_policy_without_room_is_refused() =>
        Assert.Contains(
            "at least 2 together",
            Assert.Throws<InputException>(() => KvPolicyExpression.Parse("sirllm(surprising=1)")).Message,
            StringComparison.Ordinal
        );

    private static SafetensorsFile Open() =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "systems/sirllm", "reference.safetensors"));
}
