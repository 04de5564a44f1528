using TorchSharp.Modules;

namespace Palimpsest.Benchmarks;

internal sealed class PlainMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;

    public PlainMlp(ModelSize size)
        : base(nameof(PlainMlp))
    {
        _gate = nn.Linear(size.Hidden, size.Intermediate, hasBias: false);
        _up = nn.Linear(size.Hidden, size.Intermediate, hasBias: false);
        _down = nn.Linear(size.Intermediate, size.Hidden, hasBias: false);
        register_module("gate_proj", _gate);
        register_module("up_proj", _up);
        register_module("down_proj", _down);
    }

    public override Tensor forward(Tensor input) =>
        _down.forward(nn.functional.silu(_gate.forward(input)) * _up.forward(input));
}
