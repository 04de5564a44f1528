using TorchSharp.Modules;

namespace Palimpsest.Training;

internal static class OptimizerFactory
{
    /// <summary>The optimiser of the options' kind over the named parameters.</summary>
    public static IOptimizer Create(
        OptimizerOptions options,
        IReadOnlyList<(string Name, Parameter Value)> parameters
    ) =>
        options.Kind switch
        {
            OptimizerKind.AdamW => new AdamW(options, parameters),
            OptimizerKind.Sgd => new StochasticGradientDescent(options, parameters),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "Unknown optimiser kind."),
        };
}
