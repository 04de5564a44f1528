using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class D2oTests
{
    [Fact]
    public void Layers_with_even_attention_get_more()
    {
        using var scope = NewDisposeScope();
        var policy = new D2o(new());
        var ratios = policy.Ratios(tensor(new[] { 0.1f, 0.2f, 0.6f, 0.9f }).unsqueeze(0), full([1, 1], 0.2f));
        KvModels.Close(tensor(new[] { 0.2702f, 0.2445f, 0.1639f, 0.1214f }).unsqueeze(0), ratios, 5e-5);
        Assert.Equal(0.2, ratios.mean().item<float>(), 1e-6);
        var even = new D2o(new() { LayerBudgets = false });
        KvModels.Close(full([1, 4], 0.2f), even.Ratios(rand(1, 4), full([1, 1], 0.2f)), 1e-6);
    }

    [Theory]
    [InlineData("budget.0", 0.1, 0.1)]
    [InlineData("budget.1", 0.4, 0.2)]
    public void The_authors_divide_budgets_the_same_way(string name, double heavy, double recent)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var ratios = new D2o(new()).Ratios(
            reference.Read($"{name}.variance").unsqueeze(0),
            full([1, 1], (float)(heavy + recent))
        );
        var expected = reference.Read($"{name}.hh_ratio") + reference.Read($"{name}.recent_ratio");
        KvModels.Close(expected.unsqueeze(0), ratios, 1e-5);
    }

    [Fact]
    public void The_authors_cache_holds_the_same_after_every_step()
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var (keys, values) = (reference.Read("cache.k"), reference.Read("cache.v"));
        var merging = new D2oMerging(new() { Rule = D2oRule.Code, Beta = 0.5 });
        using var cache = KvModels.Holding(keys.narrow(2, 0, 41), values.narrow(2, 0, 41));
        cache.Scores = reference.Read("cache.prompt_scores").unsqueeze(0);
        for (var step = 0; step <= 5; step++)
        {
            if (step > 0)
            {
                var at = 40 + step;
                cache.Append(keys.narrow(2, at, 1), values.narrow(2, at, 1), new(full([1, 1], at, ScalarType.Int64)));
                cache.Scores = cache.Scores! + reference.Read($"cache.{step}.attention_row").unsqueeze(0);
            }

            merging.CutDown(cache, [new(16, 4)]);
            KvModels.Close(reference.Read($"cache.{step}.k"), cache.Keys());
            KvModels.Close(reference.Read($"cache.{step}.v"), cache.Values());
            var scores = reference.Read($"cache.{step}.scores").nan_to_num(0, 1e6, 0);
            KvModels.Close(scores.unsqueeze(0), cache.Scores!.nan_to_num(0, 1e6, 0));
            var threshold = cache.Notes.Find("d2o: threshold")!;
            KvModels.Close(reference.Read($"cache.{step}.threshold").expand_as(threshold), threshold);
        }
    }

    [Theory]
    [InlineData(Math.E, 0.52498, 0.47502)]
    [InlineData(0.1, 0.03907, 0.96093)]
    public void A_survivor_and_what_is_merged_share_by_their_cosine(double self, double own, double flowing)
    {
        using var scope = NewDisposeScope();
        // Cosine 0.9 between the entry that leaves and the survivor.
        var keys = tensor(new float[] { 0.9f, (float)Math.Sqrt(1 - 0.81), 1, 0 }, [1, 1, 2, 2]);
        var values = tensor(new float[] { 0, 1, 1, 0 }, [1, 1, 2, 2]);
        using var cache = KvModels.Holding(keys, values);
        cache.Scores = zeros([1, 1, 2]);
        new D2oMerging(new() { SelfWeight = self, Sinks = 0 }).CutDown(cache, [new(1, 1)]);
        KvModels.Close(tensor(new[] { (float)own, (float)flowing }, [1, 1, 1, 2]), cache.Values(), 1e-5);
    }

    [Fact]
    public void The_threshold_is_the_mean_at_first_and_follows_the_largest()
    {
        using var scope = NewDisposeScope();
        float[] angles = [0.6f, 0.2f, 0, 0.3f, 0.9f]; // in time; the first survivor is the third
        var keys = stack([tensor(angles).cos(), tensor(angles).sin()], 1).view(1, 1, 5, 2);
        using var cache = KvModels.Holding(keys.narrow(2, 0, 3), keys.narrow(2, 0, 3));
        cache.Scores = zeros([1, 1, 3]);
        var merging = new D2oMerging(
            new()
            {
                Sinks = 0,
                Beta = 0.7,
                ValuesOnly = true,
            }
        );
        merging.CutDown(cache, [new(1, 1)]);
        var first = (Math.Cos(0.6) + Math.Cos(0.2)) / 2;
        Assert.Equal(first, cache.Notes.Find("d2o: threshold")!.item<float>(), 1e-5);
        var share = Math.Exp(Math.Cos(0.2)) / (Math.E + Math.Exp(Math.Cos(0.2))); // the other is below the mean
        Assert.Equal(Math.Sin(0.2) * share, cache.Values().select(3, 1).item<float>(), 1e-5);
        cache.Append(keys.narrow(2, 3, 2), keys.narrow(2, 3, 2), new(arange(3, 5).unsqueeze(0)));
        cache.Scores = zeros([1, 1, 3]);
        merging.CutDown(cache, [new(1, 1)]);
        Assert.Equal(0.3 * first + 0.7 * Math.Cos(0.6), cache.Notes.Find("d2o: threshold")!.item<float>(), 1e-5);
    }

    [Fact]
    public void Without_merging_and_layer_budgets_it_is_h2o()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        int[][] prompts = [KvModels.Tokens(20, 1), KvModels.Tokens(14, 5)];
        var steps = KvModels.Tokens(8, 2);
        var none = KvModels.Run(
            model,
            "d2o(budget=0.5,heavy=0.5,sinks=0,exempt-first=0,exempt-last=0,layer-budgets=false,merges=false)",
            prompts,
            steps
        );
        KvModels.Same(KvModels.Run(model, "h2o(heavy=0.25,recent=0.25)", prompts, steps), none);
    }

    [Fact]
    public void Merging_loses_less_than_dropping_the_same_entries()
    {
        var won = 0;
        for (var seed = 1; seed <= 12; seed++)
        {
            var errors = RunKeys.Errors(
                (ulong)seed,
                0.5,
                "d2o(budget=38,heavy=0.738,sinks=0,exempt-first=0,exempt-last=0)",
                "h2o(heavy=28,recent=10)"
            );
            won += errors[0] < errors[1] ? 1 : 0;
        }

        Assert.InRange(won, 10, 12);
    }

    [Fact]
    public void The_first_two_layers_and_the_last_keep_everything_by_default()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(60, 32, 5, 4, 2, 64, 64), 9);
        using var cache = KvModels.NewCache(model, "d2o(budget=0.4)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(40, 1));
        Assert.Equal([40, 40, 40], new[] { 0, 1, 4 }.Select(layer => ((ContiguousLayerCache)cache[layer]).Width));
        Assert.All(new[] { 2, 3 }, layer => Assert.InRange(((ContiguousLayerCache)cache[layer]).Width, 8, 26));
    }

    private static SafetensorsFile Open() =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "systems/d2o", "reference.safetensors"));
}
