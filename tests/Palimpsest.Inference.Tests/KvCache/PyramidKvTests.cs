using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class PyramidKvTests
{
    private static readonly PyramidKv Sheet = new(
        new()
        {
            Budget = KvBudget.OfTokens(160),
            Window = 32,
            Beta = 20,
        }
    );

    [Fact]
    public void Budgets_fall_in_whole_steps_from_layer_to_layer() =>
        Assert.Equal(
            [250 + 32, 169 + 32, 88 + 32, 7 + 32],
            Enumerable.Range(0, 4).Select(layer => Sheet.EntriesOf(layer, 4, 4000))
        );

    [Fact]
    public void A_short_prompt_has_the_same_budget_in_every_layer()
    {
        Assert.All(Enumerable.Range(0, 4), layer => Assert.Equal(160, Sheet.EntriesOf(layer, 4, 255)));
        Assert.Equal(160, Sheet.EntriesOf(0, 4, 100)); // holds everything
        Assert.Equal(256, Sheet.EntriesOf(0, 4, 256)); // the first layer keeps all of what just exceeds it
    }

    [Fact]
    public void One_layer_keeps_the_most() => Assert.Equal(282, Sheet.EntriesOf(0, 1, 4000));

    [Theory]
    [InlineData("long", 24, 5, 4)]
    [InlineData("clipped", 40, 3, 20)]
    [InlineData("short", 48, 5, 20)]
    [InlineData("untouched", 71, 5, 20)]
    public void The_authors_keep_the_same_entries(string name, int budget, int kernel, int beta)
    {
        using var scope = NewDisposeScope();
        using var reference = SafetensorsFile.Open(
            Path.Combine(GoldenFolder.Root, "systems/pyramidkv", "reference.safetensors")
        );
        var policy = new PyramidKv(
            new()
            {
                Budget = KvBudget.OfTokens(budget),
                Window = 6,
                Kernel = kernel,
                Beta = beta,
            }
        );
        foreach (var heads in new[] { 2, 4 })
        {
            var repeats = 4 / heads == 2 ? 1 : 2; // the authors' own code repeats keys to every query head
            var keys = reference.Read("k").repeat_interleave(repeats, 1);
            var values = reference.Read("v").repeat_interleave(repeats, 1);
            for (var layer = 0; layer < 4; layer++)
            {
                using var cache = KvModels.Holding(keys, values);
                var config = KvModels.HeadConfig(4, heads, 8);
                policy.AfterAttention(KvModels.Pass(policy, cache, config, reference.Read("q"), at: (layer, 4)));
                var kept = reference.Read($"pyramid.{name}.{layer}.{(heads == 2 ? "kv_mean" : "query")}");
                for (var head = 0; head < heads; head++)
                    Assert.Equal(
                        kept[0][head].contiguous().data<long>().ToArray().Order(),
                        KvModels.Held(cache, head: head)
                    );
            }
        }
    }
}
