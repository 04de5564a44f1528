using System.Globalization;

namespace Palimpsest.Unlearning;

/// <summary>Stops when secrets are memorised no more than code that the model never saw.</summary>
/// <remarks>
/// It stops when the mean accuracy is below its threshold and the mean extraction likelihood is below its own, or has
/// not fallen in as many measurements as <see cref="CodeEraserOptions.StopPatience"/> says. What the run had then is
/// its result; the authors go back to the measurement of the least accuracy, which the reason names. With n-grams of
/// another length than 10 their code leaves the likelihood out, this does not.
/// </remarks>
/// <param name="rows">Encoded rows with secrets, at least one.</param>
/// <param name="threshold">What unseen rows have, see <see cref="MemorizationLevel.Of"/>.</param>
/// <param name="options">Settings, of which those of the stop are read.</param>
/// <param name="every">Steps between measurements, at least 1; an epoch's as published.</param>
public sealed class MemorizationStop(
    IReadOnlyList<TokenSequence> rows,
    MemorizationLevel threshold,
    CodeEraserOptions options,
    int every
) : IStopRule
{
    private const string StateName = "memorization";

    private bool _measuresLikelihood;
    private double _leastAccuracy = double.PositiveInfinity;
    private double _leastLikelihood = double.PositiveInfinity;
    private int _patience;
    private int _lastStep;
    private int _leastStep;

    /// <inheritdoc/>
    public string Fingerprint =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"memorisation of {rows.Count} rows {threshold.Accuracy:r} {threshold.ExtractionLikelihood:r} {every} "
                + $"{options}"
        );

    /// <inheritdoc/>
    public string? Check(CausalLM model, TrainProgress progress)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (progress.Step - _lastStep < every)
            return null;
        _lastStep = progress.Step;
        return Judge(MemorizationLevel.Of(model, rows, _measuresLikelihood ? options.StopNgram : null), progress.Step);
    }

    /// <summary>Takes a measurement; gives the reason to stop, or null.</summary>
    internal string? Judge(MemorizationLevel level, int step)
    {
        var isLeast = level.Accuracy < _leastAccuracy;
        if (isLeast)
        {
            var improves = level.ExtractionLikelihood is not { } found || found < _leastLikelihood;
            if (improves)
                _leastStep = step;
            _patience = improves ? 0 : _patience + 1;
            _leastAccuracy = level.Accuracy;
            _leastLikelihood = Math.Min(_leastLikelihood, level.ExtractionLikelihood ?? _leastLikelihood);
        }

        _measuresLikelihood |= level.Accuracy <= threshold.Accuracy + options.StopMargin;
        if (!IsBelow(level.Accuracy, threshold.Accuracy) || level.ExtractionLikelihood is not { } likelihood)
            return null;
        var forgotten = IsBelow(likelihood, threshold.ExtractionLikelihood!.Value);
        return forgotten || _patience >= options.StopPatience ? Reason(level, step, forgotten) : null;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Value)> State()
    {
        yield return (
            StateName,
            tensor(
                new[]
                {
                    _measuresLikelihood ? 1 : 0,
                    _leastAccuracy,
                    _leastLikelihood,
                    _patience,
                    _lastStep,
                    _leastStep,
                }
            )
        );
    }

    /// <inheritdoc/>
    public void LoadState(Func<string, Tensor> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var values = read(StateName).cpu().data<double>().ToArray();
        (_measuresLikelihood, _leastAccuracy, _leastLikelihood) = (values[0] == 1, values[1], values[2]);
        (_patience, _lastStep, _leastStep) = ((int)values[3], (int)values[4], (int)values[5]);
    }

    // Nothing is below a threshold of 0.
    private static bool IsBelow(double found, double threshold) => found < threshold || found == 0;

    private string Reason(MemorizationLevel level, int step, bool forgotten)
    {
        var likelihood = FormattableString.Invariant(
            $"extraction likelihood {level.ExtractionLikelihood:f3} of {threshold.ExtractionLikelihood:f3}"
        );
        var ending = forgotten
            ? ""
            : $", no less in {options.StopPatience} measurements; step {_leastStep} had the least";
        return FormattableString.Invariant(
                $"step {step}: memorisation accuracy {level.Accuracy:f3} of {threshold.Accuracy:f3} in unseen rows, "
            ) + $"{likelihood}{ending}";
    }
}
