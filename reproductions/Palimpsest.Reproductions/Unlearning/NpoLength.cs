namespace Palimpsest.Reproductions;

/// <summary>One length of answers on which NPO is compared with gradient ascent.</summary>
/// <param name="Words">Tokens of an answer, about, in words.</param>
/// <param name="Place">Place of the length among the world's.</param>
public sealed record NpoLength(string Words, int Place)
{
    /// <summary>The step at which a method's forget NLL is above the bar.</summary>
    public const string Steps = "steps to the retrained model's forget NLL";

    /// <summary>What is left of what is to be kept then.</summary>
    public const string RetainAtBar = "retain NLL at the bar";

    /// <summary>Share of the answers to be kept that come out word for word, where npo-rt comes to the bar or to
    /// rest.</summary>
    public const string Accuracy = "retain accuracy at npo-rt's forget NLL";

    /// <summary>What is left of what is to be kept later.</summary>
    public const string RetainLate = "retain NLL after 4x ga's steps";

    private const int MostSteps = 200;
    private const string ForgetLate = "forget NLL after 4x ga's steps";
    private const string Reached = "β x summed log-ratio after 4x ga's steps";

    /// <summary>The lengths of the sweep.</summary>
    public static IReadOnlyList<NpoLength> All { get; } =
    [new("8 tokens", 0), new("20 tokens", 1), new("35 tokens", 2), new("60 tokens", 3)];

    /// <summary>The name of a method's arm at this length.</summary>
    /// <param name="method">The method.</param>
    public string Arm(string method) => $"{method}, {Words}";

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
        var start = await run.NllAsync(lab.Original, forget: true).ConfigureAwait(false);
        var values = new List<Measurement>
        {
            new(Arm("original"), "tokens of a forget answer", run.Tokens),
            new(Arm("original"), "forget NLL", start),
            new(Arm("retrained"), "forget NLL (the bar)", bar),
        };
        var ascent = await run.ToTheBarAsync("ga", MostSteps, bar).ConfigureAwait(false);
        values.Add(new(Arm("ga"), Steps, ascent.Step ?? double.NaN));
        values.Add(new(Arm("ga"), RetainAtBar, ascent.RetainNll));
        var balanced = await run.ToTheBarAsync("npo-rt", MostSteps, bar).ConfigureAwait(false);
        var difference = await run.ToTheBarAsync("graddiff", MostSteps, balanced.ForgetNll).ConfigureAwait(false);
        values.Add(new(Arm("npo-rt"), Steps, balanced.Step ?? double.NaN));
        foreach (var (method, at) in new[] { ("npo-rt", balanced), ("graddiff", difference) })
        {
            values.Add(new(Arm(method), "forget NLL then", at.ForgetNll));
            values.Add(new(Arm(method), Accuracy, at.Accuracy));
        }

        foreach (var (arm, method, clipNorm) in Late)
        {
            var late = await run.LateAsync(method, ascent.Step ?? MostSteps, bar, clipNorm).ConfigureAwait(false);
            if (method == "npo")
                values.Add(new(Arm(arm), Steps, late.Passed));
            values.Add(new(Arm(arm), ForgetLate, late.Forget));
            values.Add(new(Arm(arm), RetainLate, late.Retain));
            values.Add(new(Arm(arm), Reached, NpoRun.Beta * run.Tokens * (late.Forget - start)));
        }

        return values;
    }

    private static IReadOnlyList<(string Arm, string Method, double ClipNorm)> Late { get; } =
    [("ga", "ga", 0), ("npo", "npo", 0), ("npo, gradient clipped to 1", "npo", 1)];
}
