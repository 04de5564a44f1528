namespace Palimpsest.Reproductions;

/// <summary>
/// Negative preference optimisation moves towards collapse more slowly than gradient ascent, and still forgets. Zhang et al.
/// 2024, arXiv:2404.05868.
/// </summary>
public sealed class NpoReproduction : IReproduction
{
    private const int MostSteps = 200;
    private const double LearningRate = 2e-4;
    private const string Steps = "steps to the retrained model's forget NLL";
    private const string Accuracy = "retain accuracy then";

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "NPO collapses more slowly than gradient ascent: after four times as many steps it has still lost less of what is to be kept. "
        + "It forgets all the same, and with a retain term it keeps at least as much as gradient difference does.";

    /// <inheritdoc/>
    public string Baseline => "Gradient ascent (ga) for NPO, gradient difference (graddiff) for NPO with retain NLL (npo-rt); same start, data, order and learning rate.";

    /// <inheritdoc/>
    public string Setting => FormattableString.Invariant(
        $"40 people, 4 of whom are to be forgotten (24 answers), 0.9M-parameter model; AdamW at {LearningRate:g1}, 8 forget rows per step, β 0.1, all weights. ")
        + "The bar is the mean NLL per forget-answer token of the model trained without those people.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.MeanAbove("retain NLL: ga at the bar > npo after four times the steps", v => v["ga", "retain NLL at the bar"] - v["npo", "retain NLL after 4x ga's steps"]),
        Criterion.EverySeed("npo reaches the bar within ten times ga's steps", v => double.IsPositiveInfinity(v["npo", Steps]) ? -1 : 10 * v["ga", Steps] - v["npo", Steps]),
        Criterion.MeanAtLeast("retain accuracy at the bar: npo-rt >= graddiff", v => v["npo-rt", Accuracy] - v["graddiff", Accuracy]),
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(ReproductionContext context, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var lab = await context.LabAsync(seed, forgetShare: 0.1, cancellationToken).ConfigureAwait(false);
        var (forget, retain) = (lab.Forget, lab.Retain);
        Task<double> Nll(LanguageModel model, IReadOnlyList<TokenSequence> rows) => WorldLab.NllAsync(model, rows, cancellationToken);
        var bar = await Nll(lab.Retrained, forget).ConfigureAwait(false);
        var values = new List<Measurement>
        {
            new("retrained", "forget NLL (the bar)", bar),
            new("original", "forget NLL", await Nll(lab.Original, forget).ConfigureAwait(false)),
            new("original", "retain NLL", await Nll(lab.Original, retain).ConfigureAwait(false)),
            new("original", "retain accuracy", await WorldLab.AccuracyAsync(lab.Original, retain, cancellationToken).ConfigureAwait(false)),
        };
        Task<(LanguageModel Model, int? Step)> Run(string method, int mostSteps, Func<LanguageModel, int, Task<bool>> reached) => lab.ForgetUntilAsync(
            method, new() { MaxSteps = mostSteps, Optimizer = new() { LearningRate = LearningRate }, Seed = seed }, every: 1, reached, context.Progress, cancellationToken);

        async Task<int?> ToTheBar(string method)
        {
            var (model, step) = await Run(method, MostSteps, async (model, _) => await Nll(model, forget).ConfigureAwait(false) > bar).ConfigureAwait(false);
            using var owned = model;
            values.Add(new(method, Steps, step ?? double.NaN));
            values.Add(new(method, "retain NLL at the bar", step is null ? double.NaN : await Nll(model, retain).ConfigureAwait(false)));
            values.Add(new(method, Accuracy, step is null ? double.NaN : await WorldLab.AccuracyAsync(model, retain, cancellationToken).ConfigureAwait(false)));
            return step;
        }

        var ascent = await ToTheBar("ga").ConfigureAwait(false) ?? MostSteps;
        var (passed, late) = (double.PositiveInfinity, (Forget: double.NaN, Retain: double.NaN));
        var (npo, _) = await Run("npo", 10 * ascent, async (model, step) =>
        {
            var nll = await Nll(model, forget).ConfigureAwait(false);
            if (nll > bar)
                passed = Math.Min(passed, step);
            if (step == 4 * ascent)
                late = (nll, await Nll(model, retain).ConfigureAwait(false));
            return double.IsFinite(passed) && step >= 4 * ascent;
        }).ConfigureAwait(false);
        npo.Dispose();
        values.AddRange([new("npo", Steps, passed), new("npo", "forget NLL after 4x ga's steps", late.Forget), new("npo", "retain NLL after 4x ga's steps", late.Retain)]);
        await ToTheBar("graddiff").ConfigureAwait(false);
        await ToTheBar("npo-rt").ConfigureAwait(false);
        return values;
    }
}
