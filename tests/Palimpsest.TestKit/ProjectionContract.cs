using static Palimpsest.TestKit.ContractModel;

namespace Palimpsest.TestKit;

/// <summary>What every <see cref="Projection"/> holds within a model: its copy computes the same from numbers of its
/// own, a checkpoint's parts restore it, it trains or says that it cannot, it is written as a weight or refused by its
/// name, deltas lie on top, and it leaves nothing.</summary>
public abstract class ProjectionContract : IDisposable
{
    private readonly Lazy<CausalLM> _model;

    /// <summary>Makes the contract; the model comes with the first use.</summary>
    protected ProjectionContract() => _model = new(NewModel);

    /// <summary>Puts projections of this kind into the blocks of a model: two of them, 64 wide, with 48 ids.</summary>
    protected abstract void Replace(CausalLM model);

    /// <summary>The type that <see cref="Replace"/> puts there.</summary>
    protected abstract Type Kind { get; }

    /// <summary>Whether its numbers can be trained.</summary>
    protected virtual bool Trains => true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_model.IsValueCreated)
            _model.Value.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Logits_are_finite_and_the_same_each_time()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var other = NewModel();
        Assert.NotEmpty(Replaced(_model.Value));
        var logits = Logits(_model.Value);
        Assert.True(logits.isfinite().all().item<bool>());
        AssertSame(logits, Logits(_model.Value));
        AssertSame(logits, Logits(other));
    }

    [Fact]
    public void A_copy_computes_the_same_from_numbers_of_its_own()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var before = Logits(_model.Value);
        using var copy = _model.Value.Clone();
        AssertSame(before, Logits(copy));
        Assert.Equal(Replaced(_model.Value).Length, Replaced(copy).Length);
        foreach (var (_, value) in Replaced(copy).SelectMany(projection => projection.Parameters))
            value.add_(0.5f);
        AssertSame(before, Logits(_model.Value));
        Assert.Equal(!Trains, Logits(copy).equal(before).all().item<bool>());
    }

    [Fact]
    public void What_a_checkpoint_keeps_of_it_restores_it()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var changed = _model.Value.Clone();
        foreach (var (_, value) in Replaced(changed).SelectMany(projection => projection.Parameters))
            value.add_(0.25f);
        using var restored = _model.Value.Clone();
        var (from, to) = (Kept(changed), Kept(restored));
        Assert.Equal(from.Select(part => part.Name), to.Select(part => part.Name));
        foreach (var (source, target) in from.Zip(to))
            target.Value.copy_(source.Value);
        AssertSame(Logits(changed), Logits(restored));
    }

    [Fact]
    public void It_trains_or_lets_the_gradient_through_to_what_lies_before_it()
    {
        using var scope = NewDisposeScope();
        var replaced = Replaced(_model.Value);
        Assert.All(replaced, projection => Assert.Equal(Trains, projection.IsTrainable));
        using var adapter = Trains ? null : LoraAdapter.Attach(_model.Value, "first", new() { Rank = 2 }, seed: 1);
        Logits(_model.Value).logsumexp(-1).sum().backward();
        var parameters = replaced.SelectMany(projection => projection.Parameters).Select(p => p.Value);
        var trained = Trains ? parameters : adapter!.TrainableParameters.Select(p => p.Value);
        var gradients = trained.Select(parameter => parameter.grad).Where(gradient => gradient is not null).ToArray();
        Assert.NotEmpty(gradients);
        Assert.All(gradients, gradient => Assert.True(gradient!.isfinite().all().item<bool>()));
        Assert.Contains(gradients, gradient => gradient!.abs().max().item<float>() > 0);
    }

    [Fact]
    public void Its_weight_says_what_it_computes_or_what_writes_weights_refuses_by_its_name()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var projection in Replaced(_model.Value))
        {
            var input = Input(projection);
            if (projection.WhyNoWeight is not null)
            {
                var error = Assert.Throws<InputException>(() => projection.BaseWeight(0, 1));
                Assert.Contains(projection.GetName(), error.Message, StringComparison.Ordinal);
                Assert.Throws<InputException>(projection.Materialize);
                continue;
            }

            var expected = nn.functional.linear(input, projection.Materialize(), projection.Bias);
            Assert.True(allclose(projection.forward(input), expected, rtol: Tolerance, atol: Tolerance));
            var half = projection.OutFeatures / 2;
            AssertSame(projection.BaseWeight(0, 2 * half).narrow(0, half, half), projection.BaseWeight(half, half));
        }
    }

    [Fact]
    public void A_delta_lies_on_top_and_leaves_no_trace()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var before = Logits(_model.Value);
        using (var adapter = LoraAdapter.Attach(_model.Value, "top", new() { Rank = 2 }, seed: 1))
        {
            foreach (var (_, value) in adapter.TrainableParameters)
                value.add_(0.1f);
            Assert.False(Logits(_model.Value).equal(before).all().item<bool>(), "the delta changed nothing");
        }

        AssertSame(before, Logits(_model.Value));
        Assert.All(Replaced(_model.Value), projection => Assert.Equal(Trains, projection.IsTrainable));
    }

    [Fact]
    public void A_row_in_a_padded_batch_has_the_logits_that_it_has_alone()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        AssertPaddedAsAlone(rows => Real(Forward(_model.Value, rows), rows));
    }

    [Fact]
    public void It_leaves_no_tensor() =>
        AssertNoTensorLeft(() =>
        {
            using var model = NewModel();
            Logits(model);
            using var copy = model.Clone();
            Logits(copy);
        });

    private CausalLM NewModel()
    {
        var model = new CausalLM(DecoderConfig.TinyLlama(48, 64, 2, 2, 1, 64, 64), seed: 3);
        Replace(model);
        return model;
    }

    private Projection[] Replaced(CausalLM model) =>
        [.. model.Projections.Select(target => target.Projection).Distinct().Where(kept => kept.GetType() == Kind)];

    private (string Name, Tensor Value)[] Kept(CausalLM model) =>
        [
            .. Replaced(model)
                .SelectMany(projection =>
                    projection.Parameters.Select(part => (part.Name, (Tensor)part.Value)).Concat(projection.Buffers)
                ),
        ];

    private static Tensor Input(Projection projection)
    {
        using var generator = new Generator(5, CPU);
        return randn(3, projection.InFeatures, generator: generator);
    }
}
