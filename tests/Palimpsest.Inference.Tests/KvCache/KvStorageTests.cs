namespace Palimpsest.Inference.Tests;

/// <summary>What lies in the buffers after entries were taken back, erased, or left by a pass that failed.</summary>
public sealed class KvStorageTests
{
    [Fact]
    public void Erased_entries_are_overwritten_where_they_lay()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, null, 1);
        KvModels.Read(model, cache, KvModels.Tokens(20, 1));
        var (keys, values) = (cache.Keys(1), cache.Values(1));
        cache.DropEntries(new(3, 5));
        Assert.Equal(0, keys.abs().max().item<float>());
        Assert.Equal(0, values.abs().max().item<float>());
        Assert.Equal(18, cache.Keys(1).shape[2]);
    }

    [Fact]
    public void Erased_codes_are_overwritten_where_they_lay()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "kivi(group=4,residual=8)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(20, 1));
        var (keys, values, fullKeys, fullValues) = ((KiviLayerCache)cache[0]).Rows[0].Parts();
        Assert.True(keys!.Codes.max().item<byte>() > 0);
        cache.DropEntries(new(3, 5));
        Assert.Equal(0, keys.Codes.max().item<byte>());
        Assert.Equal(0, values!.Codes.max().item<byte>());
        Assert.Equal(0, fullKeys.abs().max().item<float>() + fullValues.abs().max().item<float>());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(14)]
    public void What_is_taken_back_is_the_newest(int count)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "kivi(bits=8,group=4,residual=8)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(23, 1));
        var before = cache[0].Read()[0];
        cache.Truncate(23 - count);
        var after = cache[0].Read()[0];
        KvModels.Same(before.Keys.narrow(2, 0, 23 - count), after.Keys);
        KvModels.Same(before.Values.narrow(2, 0, 23 - count), after.Values);
        Assert.Equal(23 - count, cache[0].Seen);
    }

    [Fact]
    public void A_policys_numbers_are_taken_back_with_their_entries()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "h2o(heavy=40,recent=40)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(10, 1));
        cache.Truncate(6);
        KvModels.Read(model, cache, KvModels.Tokens(3, 2));
        Assert.Equal([1L, 2, 9], ((ContiguousLayerCache)cache[0]).Scores!.shape);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("h2o(heavy=40,recent=40)")]
    [InlineData("kivi(group=4,residual=40)")]
    public void A_pass_that_fails_leaves_the_cache_as_it_was(string? policy)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = KvModels.New("gqa");
        var (prompt, next) = (KvModels.Tokens(12, 1), KvModels.Tokens(4, 2));
        using var cache = KvModels.NewCache(model, policy, 1);
        using var other = KvModels.NewCache(model, policy, 1);
        KvModels.Read(model, cache, prompt);
        KvModels.Read(model, other, prompt);
        var failing = new ForwardInput { TokenIds = zeros([1, 3], ScalarType.Int64), Cache = cache };
        using (model.Attach(new Failure()))
            Assert.Throws<TimeoutException>(() => model.Forward(failing));
        Assert.Equal(12, cache.Length);
        KvModels.Same(KvModels.Read(model, other, next), KvModels.Read(model, cache, next));
    }

    private sealed class Failure : ITap
    {
        public IReadOnlyList<TapSite> Sites => [new(0, TapPoint.BlockOutput)];

        public Tensor Apply(Tensor activation, in TapContext context) => throw new TimeoutException();
    }
}
