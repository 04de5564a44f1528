using TorchSharp.Modules;

namespace Palimpsest.Training;

/// <summary>The Euclidean norm of all gradients together.</summary>
public static class GradientNorm
{
    /// <summary>√Σ‖g‖² over the parameters that have a gradient; 0 when none has.</summary>
    public static double Of(IReadOnlyList<Parameter> parameters)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var norms = parameters.Select(p => p.grad).OfType<Tensor>().Select(g => g.norm()).ToArray();
        return norms.Length == 0 ? 0 : stack(norms).norm().item<float>();
    }
}
