namespace Palimpsest.Models;

/// <summary>An MLP: down(act(gate(x)) · up(x)), or down(act(up(x))).</summary>
internal sealed class FeedForward : nn.Module
{
    private readonly Activation _activation;
    private readonly bool _gated;
    private readonly long _width;
    private readonly ProjectionSlot _up;
    private readonly ProjectionSlot _down;
    private readonly bool _fused;

    /// <summary>An MLP whose modules lie at the given paths.</summary>
    public FeedForward(
        WeightBuilder weights,
        DecoderConfig config,
        long width,
        IReadOnlyList<string> up,
        string down,
        WeightBuilder.Place place
    )
        : base("mlp")
    {
        (_activation, _gated, _width) = (config.Activation, config.GatedMlp, width);
        var outputs = _gated ? 2 * width : width;
        _up = weights.Linear(
            "up",
            [.. up.Select(path => (path, outputs / up.Count))],
            config.HiddenSize,
            config.MlpBias,
            place
        );
        _down = weights.Linear("down", [(down, config.HiddenSize)], width, config.MlpBias, place, residual: true);
        _fused = _gated && _activation == Activation.Silu && weights.OnCpu;
        _up.RegisterIn(this);
        _down.RegisterIn(this);
    }

    /// <summary>x [..., D] → [..., D].</summary>
    public Tensor Forward(Tensor x, PassPlace place = default)
    {
        var inner = _up.Forward(x, new(place));
        if (place.IsTapped(TapPoint.MlpPreActivation))
            inner = TapPreActivation(inner, place);
        var key = _gated && place.IsTapped(TapPoint.MlpGate) ? TapGate(inner, place) : Activated(inner);
        return _down.Forward(place.Tap(key, TapPoint.MlpKey), new(place));
    }

    private Tensor Activated(Tensor inner)
    {
        if (_fused)
            return GatedSilu(inner);
        return _gated ? Activate(inner.narrow(-1, 0, _width)) * inner.narrow(-1, _width, _width) : Activate(inner);
    }

    private Tensor TapPreActivation(Tensor inner, PassPlace place)
    {
        if (!_gated)
            return place.Tap(inner, TapPoint.MlpPreActivation);
        var gate = inner.narrow(-1, 0, _width);
        var result = place.Tap(gate, TapPoint.MlpPreActivation);
        return ReferenceEquals(result, gate) ? inner : cat([result, inner.narrow(-1, _width, _width)], -1);
    }

    private Tensor TapGate(Tensor inner, PassPlace place)
    {
        var gate = Activate(inner.narrow(-1, 0, _width));
        var result = place.Tap(gate, TapPoint.MlpGate);
        // Left as it is, the fused product's own gradient stands.
        return _fused && ReferenceEquals(result, gate) ? GatedSilu(inner) : result * inner.narrow(-1, _width, _width);
    }

    private Tensor GatedSilu(Tensor x)
    {
        x = TensorMemory.Contiguous(x);
        return is_grad_enabled() && x.requires_grad
            ? GatedSiluFunction.apply(x, _width)
            : GatedSiluKernel.Forward(x, _width);
    }

    private Tensor Activate(Tensor x) =>
        _activation switch
        {
            // With a factor of one the gate has the same bits as inside the fused product.
            Activation.Silu when _fused => GatedSilu(cat([x, ones_like(x)], -1)),
            Activation.Silu => nn.functional.silu(x),
            Activation.Gelu => nn.functional.gelu(x),
            Activation.GeluTanh => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
            Activation.Relu => nn.functional.relu(x),
            _ => throw new InvalidOperationException($"Unknown activation {_activation}."),
        };
}
