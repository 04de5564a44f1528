namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="Kivi"/>.</summary>
public sealed record KiviOptions
{
    private static readonly int[] Widths = [2, 4, 8];

    /// <summary>Bits of a code: 2, 4 or 8. The authors recommend 4 where queries share key-value heads.</summary>
    public int Bits
    {
        get;
        init => field = AsWidth(value, nameof(Bits));
    } = 2;

    /// <summary>Bits of the values' codes: 2, 4 or 8; null for those of the keys.</summary>
    public int? ValueBits
    {
        get;
        init => field = value is { } bits ? AsWidth(bits, nameof(ValueBits)) : null;
    }

    /// <summary>Numbers that share a scale and a minimum, a multiple of 4.</summary>
    public int Group
    {
        get;
        init =>
            field =
                value >= 4 && value % 4 == 0
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(Group), value, "Group must be a multiple of 4.");
    } = 32;

    /// <summary>Newest tokens that stay in float32, a multiple of the group.</summary>
    public int Residual
    {
        get;
        init => field = Require.AtLeast(value, 4);
    } = 128;

    /// <summary>Whether scales and minima are held in float16, as the authors do, or in float32.</summary>
    public bool HalfScales { get; init; } = true;

    private static int AsWidth(int bits, string name) =>
        Widths.Contains(bits) ? bits : throw new ArgumentOutOfRangeException(name, bits, $"{name} must be 2, 4 or 8.");
}

/// <summary>Keys as codes per channel, values as codes per token, the newest tokens in full. Liu et al. 2024,
/// arXiv:2402.02750.</summary>
/// <remarks>
/// code = round((x − min) / s), s = (max − min) / (2^bits − 1). Keys: groups of tokens, channel by channel,
/// quantised when a residual is full. Values: groups of channels, token by token, all but the last residual. A prompt
/// is read in full precision and quantised at its end; text shorter than the residual stays as it is, bit for bit.
/// </remarks>
public sealed class Kivi : IKvPolicy
{
    private readonly KiviOptions _options;

    /// <summary>A policy with these settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The residual is no multiple of the group.</exception>
    public Kivi(KiviOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options =
            options.Residual % options.Group == 0
                ? options
                : throw new ArgumentOutOfRangeException(
                    nameof(options),
                    options.Residual,
                    $"Residual must be a multiple of the group, {options.Group}."
                );
    }

    /// <inheritdoc/>
    public string Id => "kivi";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Storage;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public void Check(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.HeadSize % _options.Group != 0)
            throw new InputException(
                $"kivi: group {_options.Group} does not divide the model's head size of {config.HeadSize}."
            );
    }

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) => new KiviLayerCache(shape, _options);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase != KvPhase.PrefillChunk)
            ((KiviLayerCache)pass.Cache).Quantize();
    }
}
