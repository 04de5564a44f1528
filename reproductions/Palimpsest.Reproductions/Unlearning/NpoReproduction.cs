using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// Negative preference optimisation moves towards collapse more slowly than gradient ascent, and still forgets. Zhang
/// et al. 2024, arXiv:2404.05868.
/// </summary>
/// <param name="labs">Worlds by the length of their answers; null takes the four of the claim.</param>
/// <param name="models">Size and training of their models; null takes the claim's.</param>
public sealed class NpoReproduction(IReadOnlyList<NpoLab>? labs = null, WorkbenchOptions? models = null) : IReproduction
{
    private readonly IReadOnlyList<NpoLab> _labs = labs ?? NpoLab.All;
    private readonly WorkbenchOptions _models =
        models
        ?? new()
        {
            HiddenSize = 64,
            Layers = 3,
            Epochs = 15,
        };

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
        string.Create(
            CultureInfo.InvariantCulture,
            $"12 people, 3 of whom are to be forgotten (18 answers), 0.2M-parameter models; AdamW at "
                + $"{NpoLab.LearningRate:g1} without clipping, 8 forget rows per step, β 0.1, all weights. "
        ) + "The bar is the mean NLL per forget-answer token of the model trained without those people.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria =>
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
            .. _labs.Where(lab => lab.IsClaimed).SelectMany(lab => lab.Criteria),
        ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        List<Measurement> values = [.. NpoToy.Measure(seed)];
        foreach (var lab in _labs)
            values.AddRange(await lab.MeasureAsync(context, _models, seed, cancellationToken).ConfigureAwait(false));
        return values;
    }
}
