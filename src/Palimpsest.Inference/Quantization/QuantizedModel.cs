namespace Palimpsest.Inference;

/// <summary>Decoders that hold the weights of their projections as codes.</summary>
public static class QuantizedModel
{
    /// <summary>
    /// Replaces the dense weights of a model's blocks by codes and frees them; embeddings, head, norms and biases stay
    /// float32.
    /// Passes over several tokens then compute what <see cref="QuantizeTransform.Round"/> would make them compute; a
    /// step of one token does so nearly, see <see cref="CodedProjection"/>. Adapters stay on top and can be trained: Dettmers et al. 2023, arXiv:2305.14314.
    /// </summary>
    /// <param name="model">On the CPU; its parameters are frozen.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told after each projection.</param>
    /// <param name="cancellationToken">Stops between projections; those before it are quantised.</param>
    /// <exception cref="InputException">The model is not on the CPU, the settings do not go together, or a weight holds
    /// NaN or infinity.</exception>
    public static void Hold(
        CausalLM model,
        QuantizeOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        model.ReplaceProjections(Replacement(options, model.Device), null, progress, cancellationToken);
    }

    /// <summary>What makes codes of a dense projection.</summary>
    internal static Func<LinearProjection, Projection> Replacement(QuantizeOptions options, Device device)
    {
        options.Check();
        return device.type == DeviceType.CPU
            ? dense => new QuantizedProjection(
                dense.GetName(),
                QuantizedWeight.Quantize(dense.Weight, options),
                dense.Bias
            )
            : throw new InputException(
                $"Weights as {options.Name} are computed with on the cpu; the model is on {device}."
            );
    }
}
