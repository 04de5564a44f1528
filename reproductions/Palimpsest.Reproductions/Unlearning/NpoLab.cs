namespace Palimpsest.Reproductions;

/// <summary>One length of answers on which NPO is compared with gradient ascent.</summary>
/// <param name="Length">Tokens of a forget answer, about, in words.</param>
/// <param name="Details">Pairs of words with which answers go on.</param>
/// <param name="IsClaimed">Whether the claim is judged here; elsewhere values are reported alone.</param>
public sealed record NpoLab(string Length, int Details, bool IsClaimed)
{
    internal const double LearningRate = 4e-4;
    private const int MostSteps = 200;
    private const string Steps = "steps to the retrained model's forget NLL";
    private const string RetainAtBar = "retain NLL at the bar";
    private const string Accuracy = "retain accuracy at the bar";
    private const string ForgetLate = "forget NLL after 4x ga's steps";
    private const string RetainLate = "retain NLL after 4x ga's steps";

    /// <summary>People of the world; a quarter of them asks to be forgotten.</summary>
    public int People { get; init; } = 12;

    /// <summary>The lengths of the sweep.</summary>
    public static IReadOnlyList<NpoLab> All { get; } =
    [
        new("8 tokens", 0, IsClaimed: false),
        new("20 tokens", 4, IsClaimed: true),
        new("35 tokens", 9, IsClaimed: true),
        new("60 tokens", 16, IsClaimed: true),
    ];

    /// <summary>What has to hold at this length.</summary>
    public IReadOnlyList<Criterion> Criteria =>
        [
            Criterion.MeanAbove(
                $"{Length}: retain NLL: ga at the bar > npo after four times the steps",
                v => v[Arm("ga"), RetainAtBar] - v[Arm("npo"), RetainLate]
            ),
            Criterion.EverySeed(
                $"{Length}: npo reaches the bar within ten times ga's steps",
                v => double.IsFinite(v[Arm("npo"), Steps]) ? 10 * v[Arm("ga"), Steps] - v[Arm("npo"), Steps] : -1
            ),
            Criterion.MeanAtLeast(
                $"{Length}: retain accuracy at the bar: npo-rt >= graddiff",
                v => v[Arm("npo-rt"), Accuracy] - v[Arm("graddiff"), Accuracy]
            ),
        ];

    /// <summary>Measures a seed.</summary>
    /// <param name="context">Models and progress.</param>
    /// <param name="models">Size and training of the models.</param>
    /// <param name="seed">Seed of world, models and order.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(
        ReproductionContext context,
        WorkbenchOptions models,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        var world = new WorldOptions
        {
            People = People,
            HoldoutPeople = 0,
            ForgetShare = 0.25,
            WorldFacts = 6,
            TwoHopsPerPerson = 0,
            AnswerDetails = Details,
        };
        using var lab = await context.LabAsync(world, models, seed, cancellationToken).ConfigureAwait(false);
        var run = new NpoRun(lab, context.Progress, seed, LearningRate, cancellationToken);
        var bar = await run.NllAsync(lab.Retrained, forget: true).ConfigureAwait(false);
        var values = new List<Measurement>
        {
            new(Arm("retrained"), "forget NLL (the bar)", bar),
            new(Arm("original"), "tokens of a forget answer", lab.Forget.Average(row => (double)row.LabelCount)),
            new(Arm("original"), "forget NLL", await run.NllAsync(lab.Original, forget: true).ConfigureAwait(false)),
            new(Arm("original"), "retain NLL", await run.NllAsync(lab.Original, forget: false).ConfigureAwait(false)),
            new(Arm("original"), "retain accuracy", await run.AccuracyAsync(lab.Original).ConfigureAwait(false)),
        };
        var ascent = MostSteps;
        foreach (var method in new[] { "ga", "graddiff", "npo-rt" })
        {
            var (step, retain, accuracy) = await run.ToTheBarAsync(method, MostSteps, bar).ConfigureAwait(false);
            values.Add(new(Arm(method), Steps, step ?? double.NaN));
            values.Add(new(Arm(method), RetainAtBar, retain));
            values.Add(new(Arm(method), Accuracy, accuracy));
            if (method == "ga")
                ascent = step ?? MostSteps;
        }

        foreach (var (arm, clipNorm) in new[] { ("npo", 0.0), ("npo, gradient clipped to 1", 1.0) })
        {
            var late = await run.LateAsync("npo", ascent, bar, clipNorm).ConfigureAwait(false);
            values.Add(new(Arm(arm), Steps, late.Passed));
            values.Add(new(Arm(arm), ForgetLate, late.Forget));
            values.Add(new(Arm(arm), RetainLate, late.Retain));
        }

        return values;
    }

    private string Arm(string name) => $"{name}, {Length}";
}
