using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class KvMergerTests
{
    [Fact]
    public void Keys_are_weighed_by_their_distance_from_the_pivots()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new[] { 1.2f, 1, 0.8f }, [1, 1, 3, 1]);
        var weights = KvMerger.WeightsOf(keys, ones([1, 1, 3], ScalarType.Int64), 1);
        KvModels.Close(tensor(new[] { 0.33110f, 0.33779f, 0.33110f }, [1, 1, 3]), weights, 1e-5);
    }

    [Fact]
    public void A_run_becomes_one_entry_in_its_pivots_place_and_singles_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 0, 1, 1, 0, 1.2f, 0, 0.8f, 0, 0, -1 }, [1, 1, 5, 2]);
        var values = tensor(new float[] { 5, 5, 0, 3, 3, 0, 0, 0, 7, 7 }, [1, 1, 5, 2]);
        using var cache = KvModels.Holding(keys, values);
        var policy = new KvMerger(
            new()
            {
                Recent = 0,
                Heavy = 0,
                Sigma = 1,
                CountBias = true,
            }
        );
        var pass = KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 2), keys) with
        {
            Observed = new() { ColumnSums = tensor(new[] { 1f, 2, 1, 1, 1 }, [1, 1, 5]) },
        };
        policy.Observe(pass);
        policy.AfterAttention(pass);
        Assert.Equal([0L, 1, 4], KvModels.Held(cache));
        KvModels.Same(values.narrow(2, 0, 1), cache.Values().narrow(2, 0, 1));
        KvModels.Same(keys.narrow(2, 4, 1), cache.Keys().narrow(2, 2, 1));
        KvModels.Close(tensor(new[] { 1f, 0 }), cache.Keys()[0][0][1], 1e-5);
        KvModels.Close(tensor(new[] { 3 * 0.33110f, 3 * 0.33779f }), cache.Values()[0][0][1], 5e-5);
        KvModels.Close(tensor(new[] { 1f, 3, 1 }), cache.Read()[0].Counts!.view(-1), 0);
        Assert.Equal(1, cache.Erase(2, 3)); // has gone into the second
        Assert.Equal([0L, 4], KvModels.Held(cache));
    }

    [Fact]
    public void The_oldest_of_equals_is_the_pivot_and_a_column_that_does_not_count_is_in_no_run()
    {
        var options = new KvMergerOptions { Recent = 0, Heavy = 0 };
        Assert.Equal([-1, 1, 1, 3], MergingRuns.Of([1, 1, 0], [9, 2, 2, 1], [false, true, true, true], options, null));
        Assert.Equal([0, 0, 0, 3], MergingRuns.Of([0.2f, 0.1f, 0], [1, 1, 1, 1], [true, true, true, true], options, 2));
    }

    [Fact]
    public void The_sets_of_a_public_implementation_come_out()
    {
        using var reference = Open();
        using var scope = NewDisposeScope();
        var cosines = reference.Read("adjacent_similarity").data<float>().ToArray();
        (string Name, double Cosine, int[] Reserved)[] cases =
        [
            ("sets.0", 0.3, []),
            ("sets.1", 0.6, [4, 6, 8, 19, 33]),
            ("sets.2", 0.75, [4, 6, 8, 19, 33]),
            ("sets.3", 0.9, []),
        ];
        foreach (var (name, cosine, reserved) in cases)
        {
            var attention = Enumerable.Range(0, 48).Select(i => reserved.Contains(i) ? 2f : 1).ToArray();
            var options = new KvMergerOptions
            {
                Cosine = cosine,
                Recent = 0,
                Heavy = (reserved.Length + 0.5) / 48,
            };
            var pivots = MergingRuns.Of(cosines, attention, Enumerable.Repeat(true, 48).ToArray(), options, null);
            Assert.Equal(Runs(reference.Read(name).data<long>().ToArray()), Runs(pivots));
        }
    }

    [Theory]
    [InlineData("merge.0")]
    [InlineData("merge.1")]
    [InlineData("merge.2")]
    [InlineData("merge.3")]
    public void A_public_implementation_merges_the_same_sets_into_the_same_entries(string name)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var (keys, values) = (reference.Read("k").view(1, 1, 48, 16), reference.Read("v").view(1, 1, 48, 16));
        var pivots = reference.Read($"{name}.pivots");
        var sets = reference.Read($"{name}.sets");
        var pivotOf = pivots.index_select(0, sets).view(1, 1, 48);
        var weights = KvMerger.WeightsOf(keys, pivotOf, 0);
        var isPivot = pivotOf.eq(arange(48));
        using var cache = KvModels.Holding(keys, values);
        cache.Apply(
            new(pivots.view(1, 1, -1))
            {
                Merge = new(arange(48).view(1, 1, 48), sets.view(1, 1, 48), weights.masked_fill(isPivot, 0))
                {
                    Own = weights.gather(2, pivots.view(1, 1, -1)),
                },
            }
        );
        KvModels.Close(reference.Read($"{name}.k"), cache.Keys()[0][0]);
        KvModels.Close(reference.Read($"{name}.v"), cache.Values()[0][0]);
    }

    [Theory]
    [InlineData("pivot")]
    [InlineData("weighted")]
    public void The_merges_of_a_public_collection_are_flows_of_the_cache(string name)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var (keys, values) = (reference.Read("factory.k"), reference.Read("factory.v")); // [2, 3, 48, 16]
        var index = cat([reference.Read("factory.keep"), arange(42, 48).expand(2, 3, 6)], -1);
        var edit = new KvEdit(index);
        var gone = EntrySelection.PlacesOf(edit, 48).lt(0);
        var from = (arange(48) + gone.logical_not().to(ScalarType.Int64) * 48).argsort(-1).narrow(2, 0, 30);
        var unit = nn.functional.normalize(keys, dim: -1);
        var cosines = matmul(Of(unit, from), Of(unit, index).transpose(2, 3));
        var (cosine, to) = cosines.max(-1);
        var flow = name == "pivot" ? full_like(cosine, 0.5f) : ((cosine + 1) / 2).clamp(min: 1e-6);
        var count = zeros([2, 3, 18]).scatter_add(2, to, name == "pivot" ? ones_like(cosine) : flow);
        var own = (1 + (name == "pivot" ? count / 2 : zeros_like(count))) / (1 + count);
        using var cache = KvModels.Holding(keys, values);
        cache.Apply(edit with { Merge = new(from, to, flow / (1 + count).gather(2, to)) { Own = own } });
        KvModels.Close(reference.Read($"factory.{name}.k"), cache.Keys());
        KvModels.Close(reference.Read($"factory.{name}.v"), cache.Values());

        static Tensor Of(Tensor x, Tensor columns) => x.gather(2, columns.unsqueeze(-1).expand(-1, -1, -1, 16));
    }

    [Fact]
    public void Merging_loses_less_than_deleting_as_many()
    {
        var (merged, counted, dropped) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 12; seed++)
        {
            var errors = RunKeys.Errors(
                (ulong)seed,
                "kvmerger(budget=48,recent=0,heavy=0)",
                "kvmerger(budget=48,recent=0,heavy=0,count-bias=true)",
                "h2o(heavy=46,recent=2)"
            );
            Assert.True(errors[0] < errors[2], $"seed {seed}: {errors[0]} merged, {errors[2]} dropped");
            (merged, counted, dropped) = (merged + errors[0], counted + errors[1], dropped + errors[2]);
        }

        Assert.True(merged < 0.8 * dropped, $"{merged / 12} merged, {dropped / 12} dropped");
        Assert.True(counted < merged, $"{counted / 12} counted, {merged / 12} not");
    }

    [Theory]
    [InlineData("kvmerger(recent=0.5,heavy=0.5)", "below 1 together")]
    [InlineData("kvmerger(cosine=-1)", "must be > -1")]
    [InlineData("kvmerger(sigma=-1)", "must be >= 0")]
    [InlineData("kvmerger+kivi", "keeps no account")]
    [InlineData("h2o+kvmerger", "at every token")]
    public void What_cannot_be_merged_is_refused(string text, string complaint) =>
        Assert.Contains(
            complaint,
            Assert.Throws<InputException>(() => KvPolicyExpression.Parse(text)).Message,
            StringComparison.Ordinal
        );

    private static int[] Runs<T>(T[] sets)
        where T : IEquatable<T> => [.. Enumerable.Range(0, sets.Length - 1).Where(i => !sets[i].Equals(sets[i + 1]))];

    private static SafetensorsFile Open() =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "systems/kvmerger", "reference.safetensors"));
}
