namespace Palimpsest.Unlearning;

/// <summary>Settings of primal-dual unlearning.</summary>
public sealed record PduOptions
{
    /// <summary>Weight of the forget term (γ), in (0, 1000].</summary>
    public double ForgetWeight
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1000);
    } = 1;

    /// <summary>Weight of the retain term before its first update (λ₀), in [0, 1000].</summary>
    public double RetainWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>The retain NLL ε that is allowed, in nats per token, in [0, 100].</summary>
    public double RetainLoss
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    } = 0.3;

    /// <summary>Step size of the retain weight, in [0, 1000]; 0 keeps it.</summary>
    public double DualStep
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>Epochs before the retain weight first changes, at least 0.</summary>
    public int WarmupEpochs
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 5;
}

/// <summary>
/// Flattens the logits of forget rows under a bound on the retain NLL: γ · mean (max z − mean z)² + λ (NLL − ε), with
/// λ ← max(0, λ + η (NLL − ε)) after each step. Entesari et al. 2025, arXiv:2506.05314.
/// </summary>
/// <remarks>The mean runs over the answers' own positions, not over those that predict them, as published.</remarks>
/// <param name="options">Settings.</param>
public sealed class Pdu(PduOptions options) : IForgetObjective
{
    private double _retainWeight = options.RetainWeight;
    private double _violation;
    private int _read;

    /// <summary>The retain weight λ as it stands.</summary>
    public double RetainWeight => _retainWeight;

    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits | ForgetNeeds.Retain;

    /// <inheritdoc/>
    public string Fingerprint => options.ToString();

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var places = step.ForgetRows.Tokens.LabelMask.reshape(-1).nonzero().squeeze(1);
        var logits = step.ForgetRows.RequiredLogits.flatten(0, 1).index_select(0, places); // [N, V]
        var forget = (logits.amax([-1]) - logits.mean([-1])).square().mean();
        var violation = step.RetainRows.BatchTokenMean - options.RetainLoss;
        (_violation, _read) = (_violation + violation.item<float>(), _read + 1);
        return (forget * options.ForgetWeight + violation * _retainWeight).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void AfterStep(TrainStep step)
    {
        if (step.Epoch >= options.WarmupEpochs && _read > 0)
            _retainWeight = Math.Max(0, _retainWeight + options.DualStep * _violation / _read);
        (_violation, _read) = (0, 0);
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Value)> State() => [("retain weight", tensor(_retainWeight))];

    /// <inheritdoc/>
    public void LoadState(Func<string, Tensor> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        _retainWeight = read("retain weight").item<double>();
    }
}
