using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// Unlearning that may change only the weights which WAGLE's score chooses keeps more than with as many random ones.
/// Jia et al. 2024, arXiv:2410.17509.
/// </summary>
public sealed class WagleReproduction : IReproduction
{
    private const string Dense = "graddiff on all weights";
    private const string Steps = "steps to the retrained model's forget NLL";
    private const string Forget = "forget NLL";
    private const string Retain = "retain NLL";
    private const double LearningRate = 3e-4;
    private const int MostSteps = 300;
    private const double Slack = 1.02;

    private static readonly double[] Shares = [0.8, 0.4];

    private static readonly WeightScore[] Scores = [WeightScore.Attribution, WeightScore.Saliency, WeightScore.Random];

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "At equal forgetting, gradient difference on the weights that WAGLE chooses keeps at least as much as on as "
        + "many random weights, and hardly less than on all.";

    /// <inheritdoc/>
    public string Baseline =>
        "Gradient difference on all weights, on random ones, and on those of the largest |θ g_f| (SNIP); same start, "
        + "data, order and learning rate.";

    /// <inheritdoc/>
    public string Setting =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"24 people with answers of four lengths, 8 of whom are to be forgotten, 0.9M-parameter models, those of "
                + $"npo's reproduction. AdamW at {LearningRate:g1}, 8 forget rows per step, at most {MostSteps} steps, "
                + $"stopped at the first at which the forget NLL is that of the model trained without those people. "
                + $"Shares of 0.8 and 0.4 of the weights; γ 1e-6 on mean gradients, which ranks by |g_r g_f|."
        );

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        .. Shares.Select(share =>
            Criterion.MeanAtLeast(
                string.Create(CultureInfo.InvariantCulture, $"retain NLL at share {share}: random >= wagle"),
                v => AtBar(v, Arm(WeightScore.Random, share)) - AtBar(v, Arm(WeightScore.Attribution, share))
            )
        ),
        .. Shares.Select(share =>
            Criterion.MeanAtLeast(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"retain NLL at share {share}: 1.02 x all weights >= wagle"
                ),
                v => Slack * AtBar(v, Dense) - AtBar(v, Arm(WeightScore.Attribution, share))
            )
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
        using var lab = await context
            .LabAsync(NpoReproduction.People, NpoReproduction.Models, seed, cancellationToken)
            .ConfigureAwait(false);
        var bar = await WorldLab.NllAsync(lab.Retrained, lab.Forget, cancellationToken).ConfigureAwait(false);
        List<Measurement> values =
        [
            new("retrained", Forget, bar),
            new(
                "original",
                Retain,
                await WorldLab.NllAsync(lab.Original, lab.Retain, cancellationToken).ConfigureAwait(false)
            ),
        ];
        foreach (var (arm, method) in Arms(seed))
        {
            var stop = new MeasuredStop(
                lab.Original,
                every: 1,
                async (at, _) => await WorldLab.NllAsync(at, lab.Forget, cancellationToken).ConfigureAwait(false) > bar
            );
            var training = new TrainOptions
            {
                MaxSteps = MostSteps,
                Optimizer = new() { LearningRate = LearningRate },
                Seed = seed,
            };
            var steps = context.Progress is { } told ? new StepProgress(told, $"Forgetting by {arm}") : null;
            var result = await method.RunAsync(lab.Job(training, stop), steps, cancellationToken).ConfigureAwait(false);
            using var forgot = (LanguageModel)lab.Original.WithDecoder(result.Model, arm);
            values.Add(new(arm, Steps, stop.Step ?? double.NaN));
            foreach (var (name, rows) in new[] { (Forget, lab.Forget), (Retain, lab.Retain) })
                values.Add(
                    new(arm, name, await WorldLab.NllAsync(forgot, rows, cancellationToken).ConfigureAwait(false))
                );
        }

        return values;
    }

    private static IEnumerable<(string Arm, IUnlearningMethod Method)> Arms(ulong seed)
    {
        yield return (Dense, Unlearning.Catalog.Find("graddiff").CreateDefault());
        foreach (var share in Shares)
        {
            foreach (var score in Scores)
            {
                var options = new WagleOptions { Share = share, Score = score };
                if (score == WeightScore.Random)
                    options = options with { ScoreSeed = seed };
                yield return (Arm(score, share), new WagleMethod(options));
            }
        }
    }

    private static string Arm(WeightScore score, double share)
    {
        var name = score switch
        {
            WeightScore.Attribution => "wagle",
            WeightScore.Saliency => "snip",
            _ => "random",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{name} at share {share}");
    }

    private static double AtBar(SeedValues values, string arm) =>
        double.IsFinite(values[arm, Steps]) ? values[arm, Retain] : double.NaN;
}
