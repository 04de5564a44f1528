using TorchSharp.Modules;

namespace Palimpsest.Training;

/// <summary>Lets the trainer train any TorchSharp module.</summary>
/// <typeparam name="TModule">The module's type.</typeparam>
/// <param name="module">The module; the caller disposes it.</param>
public sealed class TrainableModule<TModule>(TModule module) : ITrainable
    where TModule : nn.Module
{
    /// <summary>The module itself.</summary>
    public TModule Module { get; } = module;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> TrainableParameters =>
        [.. Module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter))];

    /// <inheritdoc/>
    /// <remarks>Scalars have no rows and are left out.</remarks>
    public IReadOnlyList<ParameterRef> ParameterRefs { get; } =
    [
        .. module
            .named_parameters()
            .Where(p => p.parameter.dim() > 0)
            .Select(p => new ParameterRef(p.name, p.parameter, 0, p.parameter.shape[0], null, ModelComponent.Other)),
    ];

    /// <inheritdoc/>
    public bool IsTraining
    {
        get => Module.training;
        set => Module.train(value);
    }
}
