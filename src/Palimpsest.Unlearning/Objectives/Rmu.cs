namespace Palimpsest.Unlearning;

/// <summary>Settings of representation misdirection.</summary>
public sealed record RmuOptions : ForgetOptions
{
    /// <summary>The block whose output is steered, counted from 0; by default the middle one, (layers − 1) /
    /// 2.</summary>
    public int? Layer
    {
        get;
        init => field = value is { } layer ? Require.AtLeast(layer, 0, nameof(Layer)) : null;
    }

    /// <summary>Length s of the control vector, in (0, 10000].</summary>
    public double Steering
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 10_000);
    } = 2;

    /// <summary>Seed of the control vector's direction.</summary>
    public ulong ControlSeed { get; init; } = 1;

    /// <summary>How distances are averaged over tokens.</summary>
    public HiddenMean Averages { get; init; }
}

/// <summary>
/// Steers the hidden states of forget rows at one block to a random control vector, and holds those of retain rows to
/// the reference's: mean ‖h − c‖² / D, c = s·u/‖u‖, u uniform in [0, 1). Li et al. 2024, arXiv:2403.03218.
/// </summary>
/// <remarks>
/// The states are those of the answers' own tokens. Published runs change the down projections of the block and the two
/// before it; blocks behind it get no gradient of either term.
/// </remarks>
/// <param name="options">Settings.</param>
/// <param name="direction">u, D numbers of which one is not 0; null draws it from the seed.</param>
public sealed class Rmu(RmuOptions options, IReadOnlyList<float>? direction = null) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetHidden;

    /// <inheritdoc/>
    public string Fingerprint => direction is null ? $"{nameof(Rmu)}" : $"{nameof(Rmu)} {string.Join(' ', direction)}";

    /// <inheritdoc/>
    public HiddenMean HiddenMean => options.Averages;

    /// <inheritdoc/>
    public int? HiddenLayer(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var layer = options.Layer ?? (config.Layers - 1) / 2;
        return layer < config.Layers
            ? layer
            : throw new InputException($"Layer is {layer}; the model's are 0 to {config.Layers - 1}.");
    }

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var states = step.ForgetStates;
        var control = tensor(Control((int)states.States.shape[^1]), device: states.States.device);
        return states.Distance(control, options.Averages).MoveToOuterDisposeScope();
    }

    /// <summary>The control vector c of a hidden size.</summary>
    /// <exception cref="InputException">The given direction is of another size or has no length.</exception>
    public float[] Control(int size)
    {
        var along = direction ?? Drawn(size);
        if (along.Count != size)
            throw new InputException($"The control direction has {along.Count} numbers; the hidden size is {size}.");
        var length = Math.Sqrt(along.Sum(value => (double)value * value));
        return length > 0
            ? [.. along.Select(value => (float)(options.Steering * value / length))]
            : throw new InputException("The control direction is 0 throughout; it has no length.");
    }

    private float[] Drawn(int size)
    {
        var random = new SeededRandom(options.ControlSeed);
        return [.. Enumerable.Range(0, size).Select(_ => (float)random.Unit())];
    }
}
