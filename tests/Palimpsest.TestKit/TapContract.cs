using static Palimpsest.TestKit.ContractModel;

namespace Palimpsest.TestKit;

/// <summary>What every <see cref="ITap"/> holds: idle it changes no bit, it writes into nothing that it is given, rows
/// do not see one another or the padding, gradients flow through it, and it leaves no tensor.</summary>
public abstract class TapContract : IDisposable
{
    private readonly CausalLM _model = new(DecoderConfig.TinyLlama(48, 16, 2, 2, 1, 24, 64), seed: 3);

    /// <summary>The tap under test, for a model of two blocks, 16 wide, with 48 ids. One call at a time is made of
    /// it.</summary>
    /// <param name="model">The model that it will be attached to.</param>
    /// <param name="ids">The rows that will be read.</param>
    protected abstract ITap Create(CausalLM model, IReadOnlyList<int[]> ids);

    /// <summary>Whether it changes activations at all.</summary>
    protected virtual bool Changes => true;

    /// <summary>What callers say of each row; 0 for nothing, which leaves a tap that reads flags idle.</summary>
    protected virtual long Flag => 0;

    /// <summary>The same with the setting that changes nothing; null where there is none.</summary>
    /// <param name="model">The model that it will be attached to.</param>
    protected virtual ITap? CreateIdle(CausalLM model) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void It_changes_numbers_into_numbers_and_taken_off_it_leaves_no_bit()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var plain = Read(Rows[0]);
        var tapped = Tapped(Rows[..1])[0];
        Assert.True(tapped.isfinite().all().item<bool>());
        Assert.Equal(!Changes, tapped.equal(plain).all().item<bool>());
        Assert.True(Read(Rows[0]).equal(plain).all().item<bool>());
    }

    [Fact]
    public void Idle_it_changes_no_bit_of_logits_and_gradients()
    {
        using var scope = NewDisposeScope();
        if (CreateIdle(_model) is not { } idle)
            return;
        var plain = Gradients();
        using (_model.Attach(idle))
        {
            Assert.All(plain.Zip(Gradients()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
            Assert.True(Read(Rows[0]).equal(Untapped(Rows[0])).all().item<bool>());
        }

        (idle as IDisposable)?.Dispose();
    }

    [Fact]
    public void The_same_rows_give_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        Assert.True(Tapped(Rows[..1])[0].equal(Tapped(Rows[..1])[0]).all().item<bool>());
    }

    [Fact]
    public void A_row_in_a_padded_batch_has_the_logits_that_it_has_alone()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        AssertPaddedAsAlone(Tapped);
    }

    [Fact]
    public void What_it_is_given_is_not_written_into()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var tap = Create(_model, Rows);
        using var witness = new Witness(tap.Sites);
        using (_model.Attach(witness))
        using (_model.Attach(tap))
            Forward(Rows);
        Assert.NotEmpty(witness.Seen);
        Assert.All(witness.Seen, seen => Assert.True(seen.Given.equal(seen.Copy).all().item<bool>()));
        (tap as IDisposable)?.Dispose();
    }

    [Fact]
    public void Gradients_flow_through_it()
    {
        using var scope = NewDisposeScope();
        var tap = Create(_model, Rows[..1]);
        using (_model.Attach(tap))
            Assert.All(Gradients(), gradient => Assert.True(gradient.isfinite().all().item<bool>()));
        Assert.Contains(Gradients(), gradient => gradient.abs().max().item<float>() > 0);
        (tap as IDisposable)?.Dispose();
    }

    [Fact]
    public void It_leaves_no_tensor() => AssertNoTensorLeft(() => Tapped(Rows));

    // The logits of each row's real tokens.
    private Tensor[] Tapped(int[][] rows)
    {
        var tap = Create(_model, rows);
        using (_model.Attach(tap))
        {
            var logits = Forward(rows);
            (tap as IDisposable)?.Dispose();
            return Real(logits, rows);
        }
    }

    private Tensor Read(int[] ids) => Forward([ids])[0];

    private Tensor Untapped(int[] ids)
    {
        using var copy = _model.Clone();
        return ContractModel.Forward(copy, [ids], Flag)[0].MoveToOuterDisposeScope();
    }

    private Tensor Forward(int[][] rows) => ContractModel.Forward(_model, rows, Flag);

    private Tensor[] Gradients()
    {
        foreach (var parameter in _model.ParameterRefs)
            parameter.Storage.grad = null;
        Forward(Rows[..1]).logsumexp(-1).sum().backward();
        return [.. _model.ParameterRefs.Select(p => p.Gradient()).OfType<Tensor>().Select(g => g.clone())];
    }

    /// <summary>Keeps what the tap after it is given, and a copy of it as it was.</summary>
    private sealed class Witness(IReadOnlyList<TapSite> sites) : ITap, IDisposable
    {
        public IReadOnlyList<TapSite> Sites => sites;

        public List<(Tensor Given, Tensor Copy)> Seen { get; } = [];

        public Tensor Apply(Tensor activation, in TapContext context)
        {
            Seen.Add((activation.alias().DetachFromDisposeScope(), activation.clone().DetachFromDisposeScope()));
            return activation;
        }

        public void Dispose()
        {
            foreach (var (given, copy) in Seen)
            {
                given.Dispose();
                copy.Dispose();
            }
        }
    }
}
