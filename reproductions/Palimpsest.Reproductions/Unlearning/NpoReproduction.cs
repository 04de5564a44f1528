using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// Negative preference optimisation moves towards collapse more slowly than gradient ascent, and still forgets. Zhang
/// et al.
/// 2024, arXiv:2404.05868.
/// </summary>
public sealed class NpoReproduction : IReproduction
{
    private const int MostSteps = 200;
    private const double LearningRate = 2e-4;
    private const string Steps = "steps to the retrained model's forget NLL";
    private const string Growth = "distance after 8T / after T";
    private const string Accuracy = "retain accuracy then";

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "NPO collapses more slowly than gradient ascent: the distance that it travels grows with the logarithm of the "
        + "steps, not with the steps, and after "
        + "four times as many steps it has still lost less of what is to be kept. It forgets all the same, and with a "
        + "retain term it keeps at least as much as gradient difference does.";

    /// <inheritdoc/>
    public string Baseline =>
        "Gradient ascent (ga) for NPO, gradient difference (graddiff) for NPO with retain NLL (npo-rt); same start, "
        + "data, order and learning rate.";

    /// <inheritdoc/>
    public string Setting =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"40 people, 4 of whom are to be forgotten (24 answers), 0.9M-parameter model; AdamW at {LearningRate:g1}, "
                + $"8 forget rows per step, β 0.1, all weights. "
        )
        + "The bar is the mean NLL per forget-answer token of the model trained without those people. The distance is "
        + "measured on the authors' random-feature "
        + "classifier (48 features, 80 forget points) with plain gradient descent at 0.05, β 1, after T = 100 and 8T = "
        + "800 steps.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.EverySeed("toy: ga's distance grows at least sixfold from T to 8T", v => v["toy ga", Growth] - 6),
        Criterion.EverySeed("toy: npo's distance grows at most threefold from T to 8T", v => 3 - v["toy npo", Growth]),
        Criterion.EverySeed(
            "toy: npo's retain NLL after 8T <= ga's after T",
            v => v["toy ga", "retain NLL after T"] - v["toy npo", "retain NLL after 8T"]
        ),
        Criterion.MeanAbove(
            "retain NLL: ga at the bar > npo after four times the steps",
            v => v["ga", "retain NLL at the bar"] - v["npo", "retain NLL after 4x ga's steps"]
        ),
        Criterion.EverySeed(
            "npo reaches the bar within ten times ga's steps",
            v => double.IsPositiveInfinity(v["npo", Steps]) ? -1 : 10 * v["ga", Steps] - v["npo", Steps]
        ),
        Criterion.MeanAtLeast(
            "retain accuracy at the bar: npo-rt >= graddiff",
            v => v["npo-rt", Accuracy] - v["graddiff", Accuracy]
        ),
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        using var lab = await context.LabAsync(seed, forgetShare: 0.1, cancellationToken).ConfigureAwait(false);
        var (forget, retain) = (lab.Forget, lab.Retain);
        Task<double> Nll(LanguageModel model, IReadOnlyList<TokenSequence> rows) =>
            WorldLab.NllAsync(model, rows, cancellationToken);
        var bar = await Nll(lab.Retrained, forget).ConfigureAwait(false);
        var values = new List<Measurement>
        {
            new("retrained", "forget NLL (the bar)", bar),
            new("original", "forget NLL", await Nll(lab.Original, forget).ConfigureAwait(false)),
            new("original", "retain NLL", await Nll(lab.Original, retain).ConfigureAwait(false)),
            new(
                "original",
                "retain accuracy",
                await WorldLab.AccuracyAsync(lab.Original, retain, cancellationToken).ConfigureAwait(false)
            ),
        };
        Task<(LanguageModel Model, int? Step)> Run(
            string method,
            int mostSteps,
            Func<LanguageModel, int, Task<bool>> reached
        ) =>
            lab.ForgetUntilAsync(
                method,
                new()
                {
                    MaxSteps = mostSteps,
                    Optimizer = new() { LearningRate = LearningRate },
                    Seed = seed,
                },
                every: 1,
                reached,
                context.Progress,
                cancellationToken
            );

        async Task<int?> ToTheBar(string method)
        {
            var (model, step) = await Run(
                    method,
                    MostSteps,
                    async (model, _) => await Nll(model, forget).ConfigureAwait(false) > bar
                )
                .ConfigureAwait(false);
            using var owned = model;
            values.Add(new(method, Steps, step ?? double.NaN));
            values.Add(
                new(
                    method,
                    "retain NLL at the bar",
                    step is null ? double.NaN : await Nll(model, retain).ConfigureAwait(false)
                )
            );
            values.Add(
                new(
                    method,
                    Accuracy,
                    step is null
                        ? double.NaN
                        : await WorldLab.AccuracyAsync(model, retain, cancellationToken).ConfigureAwait(false)
                )
            );
            return step;
        }

        var ascent = await ToTheBar("ga").ConfigureAwait(false) ?? MostSteps;
        var (passed, late) = (double.PositiveInfinity, (Forget: double.NaN, Retain: double.NaN));
        var (npo, _) = await Run(
                "npo",
                10 * ascent,
                async (model, step) =>
                {
                    var nll = await Nll(model, forget).ConfigureAwait(false);
                    if (nll > bar)
                        passed = Math.Min(passed, step);
                    if (step == 4 * ascent)
                        late = (nll, await Nll(model, retain).ConfigureAwait(false));
                    return double.IsFinite(passed) && step >= 4 * ascent;
                }
            )
            .ConfigureAwait(false);
        npo.Dispose();
        values.AddRange(Toy(seed));
        values.AddRange([
            new("npo", Steps, passed),
            new("npo", "forget NLL after 4x ga's steps", late.Forget),
            new("npo", "retain NLL after 4x ga's steps", late.Retain),
        ]);
        await ToTheBar("graddiff").ConfigureAwait(false);
        await ToTheBar("npo-rt").ConfigureAwait(false);
        return values;
    }

    private static IEnumerable<Measurement> Toy(ulong seed)
    {
        var toy = new RandomFeatureModel(seed, learningRate: 0.05, steps: 5000);
        int[] steps = [100, 800];
        IReadOnlyList<(double Distance, double RetainNll)> Run(double? beta) =>
            toy.Unlearn(learningRate: 0.05, steps, r => beta is { } b ? 2 / (1 + Math.Exp(-b * r)) : 1);
        var ascent = Run(null);
        foreach (var (name, path) in new[] { ("toy ga", ascent), ("toy npo", Run(1)) })
        {
            yield return new(name, Growth, path[1].Distance / path[0].Distance);
            yield return new(name, "retain NLL after T", path[0].RetainNll);
            yield return new(name, "retain NLL after 8T", path[1].RetainNll);
        }

        yield return new(
            "toy npo, β 0.001",
            "distance from ga's path, as a share",
            Run(0.001).Zip(ascent, (a, b) => Math.Abs(a.Distance - b.Distance) / b.Distance).Max()
        );
    }
}
