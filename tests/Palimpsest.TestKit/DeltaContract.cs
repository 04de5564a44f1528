using static Palimpsest.TestKit.ContractModel;

namespace Palimpsest.TestKit;

/// <summary>What every <see cref="IProjectionDelta"/> holds that comes as an <see cref="IModelAttachment"/>: off it
/// changes no bit, it trains while the base stays, it is cloned and restored, merged or refused by its name, and it
/// leaves nothing.</summary>
public abstract class DeltaContract : IDisposable
{
    private readonly CausalLM _model = new(DecoderConfig.TinyLlama(48, 16, 2, 2, 1, 24, 64), seed: 3);

    /// <summary>Attaches it, so that it changes the logits of the first row.</summary>
    /// <param name="model">A model of two blocks, 16 wide, with 48 ids.</param>
    /// <param name="name">Its name.</param>
    /// <param name="row">The first row's ids.</param>
    protected abstract IModelAttachment Attach(CausalLM model, string name, IReadOnlyList<int> row);

    /// <summary>Attaches it so that it changes nothing yet.</summary>
    protected abstract IModelAttachment AttachIdle(CausalLM model, string name);

    /// <summary>Whether a weight can say what it does.</summary>
    protected virtual bool Merges => true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Idle_and_taken_off_it_changes_no_bit()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var plain = Logits(_model);
        using (AttachIdle(_model, "idle"))
            AssertSame(plain, Logits(_model));
        var attached = Attach(_model, "delta", Rows[0]);
        var changed = Logits(_model);
        Assert.False(changed.equal(plain).all().item<bool>(), "it changed nothing");
        Assert.True(changed.isfinite().all().item<bool>());
        AssertSame(changed, Logits(_model));
        attached.Dispose();
        attached.Dispose();
        AssertSame(plain, Logits(_model));
        Assert.Empty(_model.Attachments);
        Assert.All(_model.ParameterRefs, parameter => Assert.True(parameter.Storage.requires_grad, parameter.Name));
    }

    [Fact]
    public void The_same_settings_and_seed_give_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var copy = _model.Clone();
        using var one = Attach(_model, "delta", Rows[0]);
        using var other = Attach(copy, "delta", Rows[0]);
        AssertSame(Logits(_model), Logits(copy));
    }

    [Fact]
    public void Training_changes_what_it_names_and_the_base_stays()
    {
        using var scope = NewDisposeScope();
        using var attached = Attach(_model, "delta", Rows[0]);
        var trained = attached.TrainableParameters.ToArray();
        Assert.NotEmpty(trained);
        Assert.All(trained, parameter => Assert.StartsWith("delta:", parameter.Name, StringComparison.Ordinal));
        Logits(_model).logsumexp(-1).sum().backward();
        Assert.All(
            trained.Where(parameter => parameter.Value.grad is not null),
            parameter => Assert.True(parameter.Value.grad!.isfinite().all().item<bool>(), parameter.Name)
        );
        Assert.Contains(trained, parameter => parameter.Value.grad?.abs().max().item<float>() > 0);
        var own = trained.Select(parameter => parameter.Value.Handle).ToHashSet();
        Assert.All(
            _model.ParameterRefs.Where(parameter => !own.Contains(parameter.Storage.Handle)),
            parameter => Assert.Null(parameter.Storage.grad)
        );
    }

    [Fact]
    public void A_clone_of_the_model_has_one_of_its_own()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var attached = Attach(_model, "delta", Rows[0]);
        var changed = Logits(_model);
        using var copy = _model.Clone();
        AssertSame(changed, Logits(copy));
        foreach (var (_, value) in copy.Attachments.Single().TrainableParameters)
            value.add_(0.5f);
        AssertSame(changed, Logits(_model));
        Assert.False(Logits(copy).equal(changed).all().item<bool>(), "the copy's is the original's");
        var other = Logits(copy);
        attached.Dispose();
        AssertSame(other, Logits(copy));
    }

    [Fact]
    public void What_a_checkpoint_keeps_of_it_restores_it()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var copy = _model.Clone();
        using var attached = Attach(_model, "delta", Rows[0]);
        foreach (var (_, value) in attached.TrainableParameters)
            value.add_(0.25f);
        using var restored = Attach(copy, "delta", Rows[0]);
        var kept = Kept(attached).ToDictionary(part => part.Name, part => part.Value.clone());
        Assert.Equal(kept.Keys, Kept(restored).Select(part => part.Name));
        foreach (var (name, value) in Kept(restored))
            value.copy_(kept[name]);
        AssertSame(Logits(_model), Logits(copy));
    }

    [Fact]
    public void Its_weight_says_the_same_or_what_writes_weights_refuses_by_its_name()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var attached = Attach(_model, "delta", Rows[0]);
        if (!Merges)
        {
            var error = Assert.Throws<InputException>(() => _model.CloneFrozen());
            Assert.Contains("'delta'", error.Message, StringComparison.Ordinal);
            Assert.Throws<InputException>(() => _model.RequireMergeable("Saving"));
            return;
        }

        _model.RequireMergeable("Saving");
        using var merged = _model.CloneFrozen();
        Assert.Empty(merged.Attachments);
        var (expected, actual) = (Logits(_model), Logits(merged));
        Assert.True(allclose(actual, expected, rtol: Tolerance, atol: Tolerance));
    }

    [Fact]
    public void A_row_in_a_padded_batch_has_the_logits_that_it_has_alone()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var attached = Attach(_model, "delta", Rows[0]);
        AssertPaddedAsAlone(rows => Real(Forward(_model, rows), rows));
    }

    [Fact]
    public void It_leaves_no_tensor() =>
        AssertNoTensorLeft(() =>
        {
            using var attached = Attach(_model, "delta", Rows[0]);
            Logits(_model);
            using var copy = _model.Clone();
            Logits(copy);
        });

    private static IEnumerable<(string Name, Tensor Value)> Kept(IModelAttachment attached) =>
        attached.TrainableParameters.Select(part => (part.Name, (Tensor)part.Value)).Concat(attached.Buffers);
}
