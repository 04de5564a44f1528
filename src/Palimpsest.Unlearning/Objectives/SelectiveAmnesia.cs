namespace Palimpsest.Unlearning;

/// <summary>Settings of selective amnesia.</summary>
public sealed record SelectiveAmnesiaOptions
{
    /// <summary>The first layer that changes, counted from 0; by default the first of those found.</summary>
    public int? FirstLayer
    {
        get;
        init => field = value is { } layer ? Require.AtLeast(layer, 0, nameof(FirstLayer)) : null;
    }

    /// <summary>The last layer that changes; by default the last of those found.</summary>
    public int? LastLayer
    {
        get;
        init => field = value is { } layer ? Require.AtLeast(layer, 0, nameof(LastLayer)) : null;
    }

    /// <summary>Which of their weights change.</summary>
    public AmnesiaComponent Component { get; init; }

    /// <summary>Takes the first epoch's retain loss as the authors' code does, the sum of batch means over the number
    /// of rows, which is too small by the rows of a batch: the multiplier then stays at its ceiling.</summary>
    public bool CountsRows { get; init; }

    /// <summary>With anchors: deviation of the noise in causal tracing as a multiple of that of the subjects'
    /// embeddings, above 0.</summary>
    public double TraceNoise
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1000);
    } = 3;

    /// <summary>With anchors: draws of noise per fact, at least 1.</summary>
    public int TraceDraws
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;
}

/// <summary>
/// Ascent on forget rows and descent on retain rows whose weight rises where the retain loss drifts above its level in
/// the first epoch: −CE_f + λ CE_r, λ = clamp(0.3 · 6^D + 0.8, 1.2, 2.3) for D = CE_r − level above 0, else 1.2.
/// Premptis et al. 2025, arXiv:2504.12996.
/// </summary>
/// <remarks>
/// The level is the mean of the first epoch's batch means of CE_r. λ is rounded to one decimal. Nothing bounds the
/// ascent; the authors keep the checkpoint with the lowest joint loss on rows held out.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class SelectiveAmnesia(SelectiveAmnesiaOptions options) : IForgetObjective
{
    private const string StateName = "retain level";
    private const double Floor = 1.2;
    private const double Ceiling = 2.3;

    private double _sum;
    private double _count;

    /// <summary>The retain loss that is taken for unharmed; 0 before the first batch.</summary>
    public double Level => _count > 0 ? _sum / _count : 0;

    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget | ForgetNeeds.Retain;

    /// <inheritdoc/>
    public string Fingerprint => options.ToString();

    /// <summary>The retain weight λ in [1.2, 2.3] of a drift of the retain loss, in nats per token.</summary>
    public static double Multiplier(double drift) =>
        drift <= 0
            ? Floor
            : Math.Clamp(Math.Round(0.3 * Math.Pow(6, drift) + 0.8, 1, MidpointRounding.ToEven), Floor, Ceiling);

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        var loss = step.Forget?.BatchTokenMean.neg();
        if (step.Retain is { } retain)
        {
            var kept = retain.BatchTokenMean;
            var level = kept.detach().to(ScalarType.Float64).item<double>();
            var weight = Floor;
            if (step.Position.Epoch == 0)
                (_sum, _count) = (_sum + level, _count + (options.CountsRows ? retain.Tokens.Rows.Count : 1));
            else
                weight = Multiplier(level - Level);
            loss = loss is null ? kept * weight : loss + kept * weight;
        }

        return (
            loss ?? throw new InvalidOperationException("There are neither forget nor retain rows.")
        ).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Value)> State() => [(StateName, tensor(new[] { _sum, _count }))];

    /// <inheritdoc/>
    public void LoadState(Func<string, Tensor> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var state = read(StateName).cpu().data<double>().ToArray();
        (_sum, _count) = (state[0], state[1]);
    }
}
