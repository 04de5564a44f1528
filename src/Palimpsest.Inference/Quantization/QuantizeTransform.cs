namespace Palimpsest.Inference;

/// <summary>
/// Rounds every projection's weight to what its codes stand for; embeddings, head and norms are kept. Unlearning that
/// moves weights by less than half a step is undone by it. Zhang et al. 2024, arXiv:2410.16454.
/// </summary>
/// <remarks>The arithmetic is that of <see cref="QuantizedWeight"/>. The copy computes in float32 with the rounded
/// values.</remarks>
/// <param name="options">Settings.</param>
public sealed class QuantizeTransform(QuantizeOptions options) : IModelTransform
{
    /// <inheritdoc/>
    public string Name => $"quantise-{options.Name}";

    /// <inheritdoc/>
    public Task<IWeightModel> ApplyAsync(
        IWeightModel model,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        return Task.Run(
            () =>
            {
                var copy = model.Decoder.CloneFrozen();
                Round(copy, options, progress, cancellationToken);
                return model.WithDecoder(copy, $"{model.Name} ({Name})");
            },
            cancellationToken
        );
    }

    /// <summary>Rounds a model's weights in place and says what its codes would take.</summary>
    /// <param name="model">Adapters are not touched.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told after each projection.</param>
    /// <param name="cancellationToken">Stops between projections.</param>
    /// <exception cref="InputException">The settings do not go together, or a weight holds NaN or infinity or is held
    /// quantised.</exception>
    public static QuantizedSize Round(
        CausalLM model,
        QuantizeOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var targets = model.Projections.Where(projection => projection.Component != ModelComponent.Head).ToArray();
        long weights = 0,
            codes = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var weight = targets[i].WritableWeight();
            using var quantized = new QuantizedProjection(targets[i].Path, QuantizedWeight.Quantize(weight, options));
            weight.copy_(quantized.Materialize());
            weights += weight.numel();
            codes += quantized.ByteCount;
            progress?.Report(new("Quantising", i + 1, targets.Length));
        }

        var all = model.ParameterRefs.Sum(reference => reference.CheckpointShape.Aggregate(1L, (a, b) => a * b));
        return new(options.Name, weights, codes, all - weights);
    }
}
