using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// Unlearning a mixture of experts moves tokens to other experts; one expert with an anchored router keeps them and
/// keeps more of the rest. Zhuang et al. 2024, arXiv:2411.18797.
/// </summary>
public sealed class UoeReproduction : IReproduction
{
    private const string All = "ga on all weights";
    private const string One = "ga by uoe";
    private const string Loose = "ga by uoe without anchor";
    private const string Other = "ga by uoe on the expert of median rank";
    private const string Original = "original";
    private const string Steps = "steps to the retrained model's forget NLL";
    private const string Forget = "forget NLL";
    private const string Retain = "retain NLL";
    private const string Overlap = "overlap of experts with the original's on forget rows";
    private const string Share = "share of forget tokens that visit the first expert";
    private const double LearningRate = 1e-3;
    private const int MostSteps = 150;

    private static readonly WorldOptions People = new()
    {
        People = 24,
        HoldoutPeople = 0,
        ForgetShare = 1.0 / 3,
        WorldFacts = 20,
    };

    private static readonly WorkbenchOptions Models = new()
    {
        HiddenSize = 64,
        Layers = 3,
        Epochs = 20,
    };

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "Gradient ascent on a model with experts sends the tokens that are to be forgotten to other experts; on the "
        + "one expert that they use most, with an anchored router, it leaves the routing nearer to what it was, and "
        + "at equal forgetting more of what is to be kept than on all weights or on another expert.";

    /// <inheritdoc/>
    public string Baseline =>
        "Gradient ascent on all weights; on the first expert without anchor; on the expert of median rank with anchor. "
        + "Same start, data, order and learning rate.";

    /// <inheritdoc/>
    public string Setting =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"24 people, 8 of whom are to be forgotten; models of 3 layers with 8 experts each, 2 per token, balanced "
                + $"in training. AdamW at {LearningRate:g1}, 8 forget rows per step, at most {MostSteps} steps. The "
                + $"bar is the forget NLL per token of the model trained without those people. The published models "
                + $"have 60 or 64 experts per layer and a topic that few of them serve."
        );

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.EverySeed("overlap on forget rows by ga on all weights is below 0.8", v => 0.8 - v[All, Overlap]),
        Criterion.MeanAbove("overlap on forget rows: uoe > all weights", v => v[One, Overlap] - v[All, Overlap]),
        Criterion.MeanAtLeast(
            "share of forget tokens at the first expert: uoe >= the original's",
            v => v[One, Share] - v[Original, Share]
        ),
        Criterion.MeanAbove(
            "share of forget tokens at the first expert: with > without anchor",
            v => v[One, Share] - v[Loose, Share]
        ),
        Criterion.MeanAbove("retain NLL at the bar: all weights > uoe", v => AtBar(v, All) - AtBar(v, One)),
        Criterion.MeanAtLeast(
            "retain NLL at the bar: expert of median rank >= first",
            v => AtBar(v, Other) - AtBar(v, One)
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
        using var lab = await WorldLab
            .OpenAsync(
                World.Generate(People with { Seed = seed }),
                (of, role, token) =>
                    context.ModelAsync(ExpertsRecipe.Create(of, role, Models with { Seed = seed }), token),
                cancellationToken
            )
            .ConfigureAwait(false);
        var ranked = ExpertAffinity.Measure(
            lab.Original.Decoder,
            lab.Forget,
            lab.Original.PadId,
            64,
            cancellationToken
        );
        var first = (ranked[0].Layer, ranked[0].Expert);
        var bar = await WorldLab.NllAsync(lab.Retrained, lab.Forget, cancellationToken).ConfigureAwait(false);
        List<Measurement> values =
        [
            new(Original, "affinity of the first expert", ranked[0].Affinity),
            new(Original, "affinity of the second", ranked[1].Affinity),
            new("retrained", Forget, bar),
            .. await LeftAsync(lab, lab.Original, Original, first, cancellationToken).ConfigureAwait(false),
        ];
        foreach (var (arm, method) in Arms(ranked.Count / 2))
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
            values.AddRange(await LeftAsync(lab, forgot, arm, first, cancellationToken).ConfigureAwait(false));
        }

        return values;
    }

    private static IEnumerable<(string Arm, IUnlearningMethod Method)> Arms(int medianRank) =>
        [
            (All, Unlearning.Catalog.Find("ga").CreateDefault()),
            (One, new Uoe(new() { Method = "ga" })),
            (Loose, new Uoe(new() { Method = "ga", AnchorWeight = 0 })),
            (Other, new Uoe(new() { Method = "ga", FirstRank = medianRank })),
        ];

    private static double AtBar(SeedValues values, string arm) =>
        double.IsFinite(values[arm, Steps]) ? values[arm, Retain] : double.NaN;

    private static async Task<IReadOnlyList<Measurement>> LeftAsync(
        WorldLab lab,
        LanguageModel model,
        string arm,
        (int Layer, int Expert) first,
        CancellationToken cancellationToken
    ) =>
        [
            new(arm, Forget, await WorldLab.NllAsync(model, lab.Forget, cancellationToken).ConfigureAwait(false)),
            new(arm, Retain, await WorldLab.NllAsync(model, lab.Retain, cancellationToken).ConfigureAwait(false)),
            new(arm, Overlap, Routing.Overlap(lab.Original, model, lab.Forget)),
            new(arm, Share, Routing.Share(model, lab.Forget, first)),
        ];
}
