namespace Palimpsest.Reproductions;

/// <summary>One length of answers on which NPO is compared with gradient ascent.</summary>
/// <param name="Words">Tokens of an answer, about, in words.</param>
/// <param name="Place">Place of the length among the world's.</param>
/// <param name="IsClaimed">Whether the claim is judged here; elsewhere values are reported alone.</param>
public sealed record NpoLength(string Words, int Place, bool IsClaimed)
{
    private const int MostSteps = 300;
    private const string Steps = "steps to the retrained model's forget NLL";
    private const string RetainAtBar = "retain NLL at the bar";
    private const string Accuracy = "retain accuracy at the bar";
    private const string ForgetLate = "forget NLL after 4x ga's steps";
    private const string RetainLate = "retain NLL after 4x ga's steps";

    /// <summary>The lengths of the sweep.</summary>
    public static IReadOnlyList<NpoLength> All { get; } =
    [
        new("8 tokens", 0, IsClaimed: false),
        new("20 tokens", 1, IsClaimed: true),
        new("35 tokens", 2, IsClaimed: true),
        new("60 tokens", 3, IsClaimed: true),
    ];

    /// <summary>What has to hold at this length.</summary>
    public IReadOnlyList<Criterion> Criteria =>
        [
            Criterion.MeanAbove(
                $"{Words}: retain NLL: ga at the bar > npo after four times the steps",
                v => v[Arm("ga"), RetainAtBar] - v[Arm("npo"), RetainLate]
            ),
            Criterion.EverySeed(
                $"{Words}: npo reaches the bar within ten times ga's steps",
                v => double.IsFinite(v[Arm("npo"), Steps]) ? 10 * v[Arm("ga"), Steps] - v[Arm("npo"), Steps] : -1
            ),
            Criterion.MeanAtLeast(
                $"{Words}: retain accuracy at the bar: npo-rt >= graddiff",
                v => v[Arm("npo-rt"), Accuracy] - v[Arm("graddiff"), Accuracy]
            ),
        ];

    /// <summary>Measures a seed.</summary>
    /// <param name="lab">World and models.</param>
    /// <param name="progress">Told of every step; may be null.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(
        WorldLab lab,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(lab);
        var run = new NpoRun(lab, Place, progress, cancellationToken);
        var bar = await run.NllAsync(lab.Retrained, forget: true).ConfigureAwait(false);
        var values = new List<Measurement>
        {
            new(Arm("original"), "tokens of a forget answer", run.Tokens),
            new(Arm("original"), "forget NLL", await run.NllAsync(lab.Original, forget: true).ConfigureAwait(false)),
            new(Arm("retrained"), "forget NLL (the bar)", bar),
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

    private string Arm(string name) => $"{name}, {Words}";
}
