namespace Palimpsest.Unlearning;

/// <summary>Stops when the mean NLL of answers is as high as that of a model that never saw them.</summary>
/// <param name="rows">Encoded rows, at least one.</param>
/// <param name="padId">The id that fills up.</param>
/// <param name="target">NLL per sequence in nats, above 0: that of the retrained model, or another bound.</param>
public sealed class ForgetLossStop(IReadOnlyList<TokenSequence> rows, int padId, double target) : IStopRule
{
    private const int BatchSize = 16;
    private readonly double _target = Require.InRange(target, above: 0, name: nameof(target));

    /// <inheritdoc/>
    public string Fingerprint => FormattableString.Invariant($"NLL of {rows.Count} rows {_target:r}");

    /// <inheritdoc/>
    public string? Check(CausalLM model, TrainProgress progress)
    {
        ArgumentNullException.ThrowIfNull(model);
        var wasTraining = model.training;
        model.eval();
        var nll = UnlearningObjective.SequenceNll(model, rows, padId, BatchSize, CancellationToken.None).Average();
        model.train(wasTraining);
        return nll >= _target
            ? FormattableString.Invariant($"step {progress.Step}: the answers' NLL {nll:f3} reached {_target:f3}")
            : null;
    }
}
