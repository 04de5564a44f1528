using TorchSharp.Modules;

namespace Palimpsest.Benchmarks;

internal sealed class PlainNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _weight;

    public PlainNorm(long size)
        : base(nameof(PlainNorm))
    {
        _weight = new(ones(size));
        register_parameter("weight", _weight);
    }

    public override Tensor forward(Tensor input) =>
        _weight * (input * rsqrt(input.pow(2).mean([-1], keepdim: true) + 1e-6));
}
