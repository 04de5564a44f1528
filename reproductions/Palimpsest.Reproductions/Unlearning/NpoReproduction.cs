using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// Negative preference optimisation moves towards collapse more slowly than gradient ascent, and still forgets. Zhang
/// et al. 2024, arXiv:2404.05868.
/// </summary>
public sealed class NpoReproduction : IReproduction
{
    /// <inheritdoc/>
    public int Version => 2;

    /// <inheritdoc/>
    public string Claim =>
        "NPO collapses more slowly than gradient ascent: the distance that it travels grows with the logarithm of the "
        + "steps, not with the steps, and after four times as many steps it has still lost less of what is to be kept. "
        + "It forgets all the same, and with a retain term it keeps at least as much as gradient difference does.";

    /// <inheritdoc/>
    public string Baseline =>
        "Gradient ascent (ga) for NPO, gradient difference (graddiff) for NPO with retain NLL (npo-rt); same start, "
        + "data, order and learning rate.";

    /// <inheritdoc/>
    public string Setting =>
        PeopleLab.Words
        + string.Create(
            CultureInfo.InvariantCulture,
            $" The people have answers of four lengths; two of a length are forgotten at a time (12 answers), by AdamW "
                + $"at {NpoRun.LearningRate:g1} without clipping, 8 forget rows per step, β 0.1, all weights. "
        )
        + "The bar is the mean NLL per forget-answer token of the model trained without those people.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.EverySeed(
            "toy: ga's distance grows at least sixfold from T to 8T",
            v => v[NpoToy.Ascent, NpoToy.Growth] - 6
        ),
        Criterion.EverySeed(
            "toy: npo's distance grows at most threefold from T to 8T",
            v => 3 - v[NpoToy.Npo, NpoToy.Growth]
        ),
        Criterion.EverySeed(
            "toy: npo's retain NLL after 8T <= ga's after T",
            v => v[NpoToy.Ascent, NpoToy.RetainAtT] - v[NpoToy.Npo, NpoToy.RetainAt8T]
        ),
        .. NpoLength.All.Where(length => length.IsClaimed).SelectMany(length => length.Criteria),
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
            .LabAsync(PeopleLab.World, PeopleLab.Models, seed, cancellationToken)
            .ConfigureAwait(false);
        List<Measurement> values =
        [
            .. NpoToy.Measure(seed),
            new(
                "original",
                "retain NLL",
                await WorldLab.NllAsync(lab.Original, lab.Retain, cancellationToken).ConfigureAwait(false)
            ),
            new(
                "original",
                "retain accuracy",
                await WorldLab.AccuracyAsync(lab.Original, lab.Retain, cancellationToken).ConfigureAwait(false)
            ),
        ];
        foreach (var length in NpoLength.All)
            values.AddRange(await length.MeasureAsync(lab, context.Progress, cancellationToken).ConfigureAwait(false));
        return values;
    }
}
