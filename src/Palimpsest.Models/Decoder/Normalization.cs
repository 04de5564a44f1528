using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>Root-mean-square or layer normalization over the last axis.</summary>
internal sealed class Normalization : nn.Module<Tensor, Tensor>
{
    private readonly NormKind _kind;
    private readonly double _epsilon;
    private readonly long[] _shape;
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly bool _fused;

    /// <summary>A norm with weight one (or zero, where one is added) and bias zero.</summary>
    public Normalization(string name, WeightBuilder weights, DecoderConfig config, string path, long size, int? layer)
        : base(name)
    {
        _kind = config.Norm;
        _epsilon = config.NormEpsilon;
        _shape = [size];
        _weight = weights.Norm(path + ".weight", size, _kind == NormKind.RootMeanSquarePlusOne ? 0 : 1, layer);
        register_parameter("weight", _weight);
        if (_kind == NormKind.Layer)
        {
            _bias = weights.Norm(path + ".bias", size, 0, layer);
            register_parameter("bias", _bias);
        }

        _fused = _kind != NormKind.Layer && _weight.device_type == DeviceType.CPU;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (_kind == NormKind.Layer)
            return nn.functional.layer_norm(input, _shape, _weight, _bias, _epsilon);
        if (_fused)
            return Fused(TensorMemory.Contiguous(input));
        var inverse = input.square().mean([-1], keepdim: true).add_(_epsilon).rsqrt_();
        var scale = _kind == NormKind.RootMeanSquare ? _weight : _weight + 1;
        return input * inverse * scale;
    }

    private Tensor Fused(Tensor input)
    {
        var offset = _kind == NormKind.RootMeanSquarePlusOne ? 1f : 0f;
        var settings = new RmsNormSettings(_shape[0], (float)_epsilon, offset);
        return is_grad_enabled() && (_weight.requires_grad || input.requires_grad)
            ? RmsNormFunction.apply(input, _weight, settings)
            : RmsNormKernel.Forward(input, _weight, settings);
    }
}
