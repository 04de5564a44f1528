using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class CamTests
{
    [Theory]
    [InlineData(0.1f, 0.3f, 0.3f, 0.3333)]
    [InlineData(0.3f, 0.4f, 0.2f, 1)]
    [InlineData(0f, 0.4f, 0.2f, 0)]
    [InlineData(0.3f, 0f, 0f, 1)]
    [InlineData(0f, 0f, 0f, 0)]
    public void The_chance_is_the_share_of_the_mean_of_those_behind(float own, float next, float last, double expected)
    {
        using var scope = NewDisposeScope();
        var weights = tensor(new[] { 0.9f, own, next, last }, [1, 1, 4]);
        var chance = Cam.Chance(weights, full([1, 1, 1], 1, ScalarType.Int64), 5);
        Assert.Equal(expected, chance.item<float>(), 1e-4);
    }

    [Theory]
    [InlineData("stream_wide", 2, 20, 28)]
    [InlineData("stream_narrow", 3, 9, 18)]
    public void The_authors_streaming_cache_merges_and_drops_the_same(string name, int start, int recent, int steps)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var uniform = Array.Empty<float>();
        var policy = new Cam(
            new()
            {
                Start = KvBudget.OfTokens(start),
                Recent = KvBudget.OfTokens(recent),
                Window = 16,
            }
        )
        {
            Draws = (_, head, _) => uniform[head],
        };
        using var cache = new ContiguousLayerCache(new(0, 1, 4, 8, 4, CPU));
        var set = name.Replace('_', '.');
        var merged = 0;
        for (var step = 0; step < steps; step++)
        {
            var at = Name(reference, set, step);
            cache.Append(
                reference.Read($"{at}.k"),
                reference.Read($"{at}.v"),
                new(full([1, 1], step, ScalarType.Int64))
            );
            if (reference.Names.Contains($"{at}.uniform"))
                uniform = reference.Read($"{at}.uniform").contiguous().data<float>().ToArray();
            policy.AfterAttention(
                KvModels.Pass(policy, cache, KvModels.HeadConfig(4, 4, 8), reference.Read($"{at}.k"), KvPhase.Step) with
                {
                    Observed = new() { ColumnSums = reference.Read($"{at}.attn").squeeze(2) },
                }
            );
            if (!reference.Names.Contains($"{at}.kept_v"))
                continue;
            merged++;
            KvModels.Close(reference.Read($"{at}.kept_k"), cache.Keys());
            KvModels.Close(reference.Read($"{at}.kept_v"), cache.Values());
            KvModels.Close(reference.Read($"{at}.accumulated").squeeze(2), cache.Scores!);
        }

        Assert.Equal(steps - start - recent, merged);
    }

    [Fact]
    public void Chances_are_those_of_the_authors_code_for_Llama_and_of_kvpress()
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        const int recent = 12;
        for (var step = 1; step <= 5; step++)
        {
            var weights = reference.Read($"llama.narrow.{step}.weights").unsqueeze(0);
            var candidate = weights.shape[2] - recent + 1;
            var chance = Cam.Chance(weights, full([1, 1, 1], candidate, ScalarType.Int64), recent);
            KvModels.Close(reference.Read($"llama.narrow.{step}.merge_prob"), chance.view(-1));
        }

        var attention = reference.Read("kvpress.one.attention");
        var leaving = reference.Read("kvpress.one.scores").mean([1], keepdim: true).argmin(-1, keepdim: true);
        KvModels.Close(reference.Read("kvpress.one.merge_prob"), Cam.Chance(attention, leaving, 8));
    }

    [Fact]
    public void Draws_are_those_of_the_seed_alone()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        var (prompt, steps) = (KvModels.Tokens(24, 1), KvModels.Tokens(10, 2));
        var first = KvModels.Run(model, "cam(start=4,recent=8,window=4,seed=1)", [prompt], steps);
        KvModels.Same(first, KvModels.Run(model, "cam(start=4,recent=8,window=4,seed=1)", [prompt], steps));
        var other = KvModels.Run(model, "cam(start=4,recent=8,window=4,seed=2)", [prompt], steps);
        Assert.True((first - other).abs().max().item<float>() > 1e-5);
    }

    [Fact]
    public void A_span_takes_with_it_what_it_was_merged_into()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "cam(start=2,recent=6,window=2)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(8, 1));
        foreach (var id in KvModels.Tokens(6, 2))
            KvModels.Read(model, cache, [id]);
        var values = ((ContiguousLayerCache)cache[0]).Values().clone();
        Assert.DoesNotContain(2L, KvModels.Held(cache[0])); // has left, and some of it may be in 3 and 4 and so on
        cache.DropEntries(new(2, 3));
        var held = KvModels.Held(cache[0]);
        Assert.All(held, position => Assert.True(position is < 2 or > 7));
        Assert.True(held.Length < 8);
        Assert.Equal(8, values.shape[2]);
    }

    private static string Name(SafetensorsFile reference, string set, int step)
    {
        foreach (var name in new[] { $"{set}.{step}", $"{set.Replace('.', '_')}.{step}" })
        {
            if (reference.Names.Contains($"{name}.k"))
                return name;
        }

        throw new InvalidOperationException($"{set} has no step {step}.");
    }

    private static SafetensorsFile Open() =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "systems/cam", "reference.safetensors"));
}
