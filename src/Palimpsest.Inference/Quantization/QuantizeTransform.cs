namespace Palimpsest.Inference;

/// <summary>Settings of rounding weights.</summary>
public sealed record QuantizeOptions
{
    /// <summary>Bits per weight, 2 to 8.</summary>
    public int Bits { get; init => field = value is >= 2 and <= 8 ? value : throw new ArgumentOutOfRangeException(nameof(Bits), value, "Bits must be >= 2 and <= 8."); } = 4;

    /// <summary>Weights that share a scale, at least 2; a row's rest is a smaller group.</summary>
    public int GroupSize { get; init => field = Require.AtLeast(value, 2); } = 64;
}

/// <summary>
/// Rounds every projection's weight to the nearest of 2ᵇ steps per group, symmetric by the largest weight; embeddings, head and
/// norms are kept. Unlearning that moves weights by less than half a step is undone by it. Zhang et al. 2024, arXiv:2410.16454.
/// </summary>
/// <remarks>w ≈ s · clip(round(w / s), −2ᵇ⁻¹, 2ᵇ⁻¹ − 1), s = max|w| / (2ᵇ⁻¹ − 1). The copy computes in float32 with the rounded values.</remarks>
/// <param name="options">Settings.</param>
public sealed class QuantizeTransform(QuantizeOptions options) : IModelTransform
{
    /// <inheritdoc/>
    public string Name => $"quantise-{options.Bits}bit";

    /// <inheritdoc/>
    public Task<IScoredModel> ApplyAsync(IScoredModel model, IProgress<TaskProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Task.Run(() =>
        {
            var copy = model.Decoder.CloneFrozen();
            var targets = copy.Projections.Where(projection => projection.Component != ModelComponent.Head).ToArray();
            for (var i = 0; i < targets.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                var weight = targets[i].Weight();
                weight.copy_(Round(weight, options));
                progress?.Report(new(Name, i + 1, targets.Length));
            }

            return model.WithDecoder(copy, $"{model.Name} ({Name})");
        }, cancellationToken);
    }

    /// <summary>The rounded values of a weight.</summary>
    /// <param name="weight">[Out, In] float32.</param>
    /// <param name="options">Settings.</param>
    public static Tensor Round(Tensor weight, QuantizeOptions options)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        var (rows, width) = (weight.shape[0], weight.shape[1]);
        var padding = (options.GroupSize - width % options.GroupSize) % options.GroupSize;
        var groups = nn.functional.pad(weight, (0, padding)).reshape(-1, options.GroupSize);
        var most = (1 << (options.Bits - 1)) - 1;
        var scale = (groups.abs().amax([1], keepdim: true) / most).clamp_min(1e-12);
        var rounded = (groups / scale).round().clamp(-most - 1, most) * scale;
        return rounded.reshape(rows, width + padding).narrow(1, 0, width).contiguous().MoveToOuterDisposeScope();
    }
}
