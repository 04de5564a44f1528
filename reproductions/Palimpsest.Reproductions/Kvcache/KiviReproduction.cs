namespace Palimpsest.Reproductions;

/// <summary>Codes of four bits answer as the full cache does, in a fraction of its bytes. Liu et al. 2024,
/// arXiv:2402.02750.</summary>
/// <param name="options">Task, model and training; null takes the claim's.</param>
/// <param name="prompts">Prompts per arm.</param>
public sealed class KiviReproduction(RecallTaskOptions? options = null, int prompts = 512) : IReproduction
{
    private const string Evicted = "streaming-llm, at most the bytes of 4 bits";
    private static readonly int[] Widths = [8, 4, 2];
    private readonly RecallTaskOptions _options = options ?? new();

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "Keys as codes per channel and values as codes per token lose nothing at four bits: questions are answered as "
        + "often as from the full cache, within one point, whenever they are asked. The bytes are really saved, and "
        + "dropping entries until as few bytes are left loses far more where the question comes afterwards.";

    /// <inheritdoc/>
    public string Baseline =>
        "The full cache in float32, and attention sinks with a window of as many bytes: same model, same prompts, same "
        + "questions.";

    /// <inheritdoc/>
    public string Setting =>
        RecallLab.Describe(_options, prompts)
        + "KIVI: groups of 16, a residual of 16 tokens in full precision. Bytes are those that are allocated, scales, "
        + "minima and the residual included.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        .. new[] { RecallLab.Asked, RecallLab.Afterwards }.Select(quantity =>
            Criterion.EverySeed(
                $"4 bits: {quantity} within 0.01 of the full cache",
                v => 0.01 - Math.Abs(v[Arm(4), quantity] - v[RecallLab.Full, quantity])
            )
        ),
        Criterion.EverySeed(
            "4 bits: bytes <= 0.3 x full cache",
            v => 0.3 - v[Arm(4), RecallLab.Bytes] / v[RecallLab.Full, RecallLab.Bytes]
        ),
        Criterion.MeanAtLeast(
            "question afterwards, at 4 bits' bytes: kivi >= streaming-llm + 0.2",
            v => v[Arm(4), RecallLab.Afterwards] - v[Evicted, RecallLab.Afterwards] - 0.2
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
        using var lab = await RecallLab
            .OpenAsync(context, _options with { Seed = seed }, prompts, cancellationToken)
            .ConfigureAwait(false);
        List<Measurement> values = [.. lab.Ask(RecallLab.Full, null, cancellationToken)];
        foreach (var bits in Widths)
            values.AddRange(lab.Ask(Arm(bits), $"kivi(bits={bits},group=16,residual=16)", cancellationToken));
        var of = new SeedValues(seed, values);
        values.AddRange(lab.Ask(Evicted, lab.WindowOf(of[Arm(4), RecallLab.Bytes]), cancellationToken));
        return values;
    }

    private static string Arm(int bits) => $"kivi, {bits} bits";
}
