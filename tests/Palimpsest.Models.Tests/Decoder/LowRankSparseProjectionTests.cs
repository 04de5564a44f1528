namespace Palimpsest.Models.Tests;

public sealed class LowRankSparseProjectionTests
{
    private static readonly LostOptions Small = new() { Rank = 5, ColumnShare = 0.25 };

    [Fact]
    public void The_factors_are_the_best_approximation_of_their_rank_and_the_columns_those_that_it_misses_most()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var dense = Dense(12, 20);
        var only = Of(dense, Small with { ColumnShare = 0, LowRankWeight = 1 });
        var weight = only.BaseWeight(0, 12).to(ScalarType.Float64);
        var values = linalg.svdvals(dense.Weight.to(ScalarType.Float64));
        var left = (dense.Weight.to(ScalarType.Float64) - weight).square().sum().item<double>();
        var expected = values.narrow(0, 5, 7).square().sum().item<double>();
        Assert.Equal(1, left / expected, 1e-5);
        var norms = (dense.Weight.to(ScalarType.Float64) - weight).square().sum([0]).data<double>().ToArray();
        long[] most =
        [
            .. Enumerable.Range(0, 20).OrderByDescending(j => norms[j]).Take(5).Order().Select(j => (long)j),
        ];
        Assert.Equal(most, Channels(Of(dense, Small)));
        var whole = Of(dense, Small with { Rank = 12, ColumnShare = 0, LowRankWeight = 1 });
        Assert.True((whole.BaseWeight(0, 12) - dense.Weight).abs().max().item<float>() < 1e-5f);
    }

    [Theory]
    [InlineData(LostColumns.Original)]
    [InlineData(LostColumns.Residual)]
    public void Columns_start_as_those_of_the_weight_or_as_what_the_factors_leave(LostColumns columns)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var dense = Dense(12, 20);
        var lost = Of(dense, Small with { Columns = columns, LowRankWeight = 0.5 });
        var factors = Of(dense, Small with { ColumnShare = 0, LowRankWeight = 1 }).BaseWeight(0, 12);
        var chosen = tensor(Channels(lost));
        var twice = (lost.BaseWeight(0, 12) * 2).index_select(1, chosen); // B A + W_s on I
        var original = dense.Weight.index_select(1, chosen);
        var expected = columns == LostColumns.Residual ? original : original + factors.index_select(1, chosen);
        Assert.True((twice - expected).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void Without_an_activation_it_computes_what_its_weight_says_and_columns_alone_get_gradients()
    {
        using var scope = NewDisposeScope();
        var dense = Dense(12, 20);
        var lost = Of(dense, Small);
        var x = randn([3, 4, 20], generator: new Generator(5));
        var output = lost.forward(x);
        Assert.True(
            (output - nn.functional.linear(x, lost.Materialize(), dense.Bias)).abs().max().item<float>() < 1e-5f
        );
        var columns = lost.Parameters.Single(p => p.Name == "part_0.columns").Value;
        Assert.Equal([12, 5], columns.shape);
        output.sum().backward();
        var mask = zeros([12, 20]).requires_grad_(true);
        (nn.functional.linear(x, mask) * (1 - Small.LowRankWeight)).sum().backward();
        var gathered = mask.grad!.index_select(1, tensor(Channels(lost)));
        Assert.True((columns.grad! - gathered).abs().max().item<float>() < 1e-5f);
    }

    [Theory]
    [InlineData(5, 0.25, 5 * (12 + 20) + 5 * 12)]
    [InlineData(0, 0.25, 5 * 12)]
    [InlineData(5, 0, 5 * (12 + 20))]
    [InlineData(0, 0, 0)]
    [InlineData(12, 1, 12 * (12 + 20) + 20 * 12)]
    public void It_has_as_many_numbers_as_its_rank_and_columns_say(int rank, double share, long expected)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var lost = Of(Dense(12, 20), new() { Rank = rank, ColumnShare = share });
        Assert.Equal(expected, lost.Parameters.Sum(p => p.Value.numel()));
        Assert.Equal(expected > 0, lost.IsTrainable);
        var x = randn([2, 20], generator: new Generator(5));
        Assert.True(
            (lost.forward(x) - nn.functional.linear(x, lost.BaseWeight(0, 12), lost.Bias)).abs().max().item<float>()
                < 1e-5f
        );
    }

    [Theory]
    [InlineData(LostActivation.BetweenFactors)]
    [InlineData(LostActivation.AfterSum)]
    public void An_activation_within_is_where_the_setting_says(LostActivation activation)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var dense = Dense(12, 20);
        var lost = Of(dense, Small with { Activation = activation });
        Tensor Part(string name) => lost.Parameters.Single(p => p.Name == $"part_0.{name}").Value;
        var x = randn([4, 20], generator: new Generator(5));
        Tensor Phi(Tensor value, LostActivation at) => at == activation ? nn.functional.silu(value) : value;
        var inner = Phi(mm(x, Part("down").t()), LostActivation.BetweenFactors);
        var sparse = mm(x.index_select(1, tensor(Channels(lost))), Part("columns").t());
        var sum = Phi(mm(inner, Part("up").t()) * 0.7 + sparse * 0.3, LostActivation.AfterSum);
        Assert.True((lost.forward(x) - (sum + dense.Bias!)).abs().max().item<float>() < 1e-5f);
        Assert.Throws<InputException>(() => lost.BaseWeight(0, 12));
    }

    [Fact]
    public void In_a_model_maps_that_are_held_fused_are_taken_apart_one_by_one()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        var key = model.Projections.Single(p => p.Path == "model.layers.1.self_attn.k_proj");
        var before = key.Weight().clone();
        LowRankSparseProjection.Replace(
            model,
            new()
            {
                Rank = 16,
                ColumnShare = 0,
                LowRankWeight = 1,
            }
        );
        Assert.True((key.Weight() - before).abs().max().item<float>() < 1e-5f); // of 16 rows
        var gate = model.Projections.Single(p => p.Path == "model.layers.0.mlp.gate_proj");
        Assert.Equal(16, linalg.matrix_rank(gate.Weight()).item<long>());
        Assert.False(model.IsDense);
        Assert.Contains(
            "as low-rank factors and columns, whose factors train",
            Refused(() => model.RequireDense("It")),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "held as low-rank factors",
            Refused(() => key.WritableWeight().Dispose()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Experts_are_replaced_and_the_router_stays()
    {
        using var model = new CausalLM(TinyFamilies.All["mixtral"], seed: 3);
        LowRankSparseProjection.Replace(model, Small);
        Assert.All(
            model.Projections.Where(p => p.Layer is not null),
            p => Assert.Equal(p.Component == ModelComponent.Router, p.Slot.IsDense)
        );
    }

    [Fact]
    public void A_rank_above_a_side_is_refused_before_anything_is_replaced()
    {
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        Assert.Equal(
            "Rank is 17; model.layers.0.self_attn.k_proj allows 0 to 16.",
            Refused(() => LowRankSparseProjection.Replace(model, new() { Rank = 17 }))
        );
        Assert.True(model.IsDense);
    }

    [Fact]
    public void A_copy_computes_the_same_from_numbers_of_its_own()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        LowRankSparseProjection.Replace(model, Small with { Activation = LostActivation.BetweenFactors });
        var plain = Logits(model);
        using var copy = model.Clone();
        Assert.True(Logits(copy).equal(plain).all().item<bool>());
        Assert.Equal(model.TrainableParameters.Select(p => p.Name), copy.TrainableParameters.Select(p => p.Name));
        Assert.Equal(model.ByteCount, copy.ByteCount);
        foreach (
            var (_, value) in model.TrainableParameters.Where(p => p.Name.Contains("part_", StringComparison.Ordinal))
        )
            value.zero_();
        foreach (var (_, value) in model.Buffers)
            value.zero_();
        Assert.True(Logits(copy).equal(plain).all().item<bool>());
        Assert.False(Logits(model).equal(plain).all().item<bool>());
    }

    [Fact]
    public void What_is_a_matrix_can_be_copied_dense_and_what_is_none_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        LowRankSparseProjection.Replace(model, Small);
        using var dense = model.CloneFrozen();
        Assert.True(dense.IsDense);
        Assert.True((Logits(dense) - Logits(model)).abs().max().item<float>() < 1e-4f);
        using var other = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        LowRankSparseProjection.Replace(other, Small with { Activation = LostActivation.AfterSum });
        Assert.Equal(
            "A frozen copy needs weights; model.layers.0.self_attn.q_proj has an activation within and is no matrix.",
            Refused(() => other.CloneFrozen().Dispose())
        );
    }

    [Fact]
    public void No_tensor_is_left_of_a_replaced_model()
    {
        static long Live()
        {
            using (var model = new CausalLM(TinyFamilies.All["llama"], seed: 3))
            {
                LowRankSparseProjection.Replace(model, Small);
                using var copy = model.Clone();
                using var scope = NewDisposeScope();
                Logits(copy).sum().backward();
            }

            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        Live();
        Assert.Equal(Live(), Live());
    }

    private static LinearProjection Dense(int rows, int width)
    {
        var generator = new Generator(7);
        return new(
            "dense",
            LoraTargets.NewParameter(randn([rows, width], generator: generator)),
            LoraTargets.NewParameter(randn([rows], generator: generator))
        );
    }

    private static LowRankSparseProjection Of(LinearProjection dense, LostOptions options) =>
        LowRankSparseProjection.Of(dense, [dense.OutFeatures], options);

    private static long[] Channels(LowRankSparseProjection lost) =>
        lost.Buffers.Single(buffer => buffer.Name == "part_0.channels").Value.data<long>().ToArray();

    private static string Refused(Action action) => Assert.Throws<InputException>(action).Message;

    private static Tensor Logits(CausalLM model) =>
        model.Forward(new() { TokenIds = tensor(new long[] { 3, 7, 11, 19, 5 }, [1, 5]) }).Logits!;
}
