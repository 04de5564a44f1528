namespace Palimpsest.Reproductions;

/// <summary>
/// The votes of a prompt's last tokens keep what the prompt asks for, where a window or accumulated attention of the
/// same size lose it. Li et al. 2024, arXiv:2404.14469.
/// </summary>
/// <param name="options">Task, model and training; null takes the claim's.</param>
/// <param name="prompts">Prompts per arm.</param>
public sealed class SnapKvReproduction(RecallTaskOptions? options = null, int prompts = 512) : IReproduction
{
    private const double Judged = 0.25;
    private const string WithoutPooling = "snapkv without pooling";
    private readonly RecallTaskOptions _options = options ?? new();

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "With a quarter of the entries the vote of the prompt's last tokens answers a question that is in the prompt "
        + "as often as the full cache does, within five points, and at least as often as attention sinks with a "
        + "window, heavy hitters and omission by the newest query do. Pooling the votes keeps the neighbours of what "
        + "is voted for. It knows what it was asked, not what it will be: a question that comes afterwards is answered "
        + "at least twenty points less often.";

    /// <inheritdoc/>
    public string Baseline =>
        "StreamingLLM, H2O and TOVA with the same number of entries per head, SnapKV without pooling, and the full "
        + "cache: same model, same prompts, same questions.";

    /// <inheritdoc/>
    public string Setting =>
        RecallLab.Describe(_options, prompts)
        + "SnapKV: window 2, kernel 5, mean. Bytes are those that are allocated: positions and room for tokens to come "
        + "are among them, which makes a third of the bytes of a quarter of entries as narrow as these (16 numbers).";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.MeanAtLeast(
            "a quarter, question in the prompt: snapkv >= full cache - 0.05",
            v => v[RecallLab.Arm("snapkv", Judged), RecallLab.Asked] - v[RecallLab.Full, RecallLab.Asked] + 0.05
        ),
        .. new[] { "streaming-llm", "h2o", "tova" }.Select(other =>
            Criterion.MeanAtLeast(
                $"a quarter, question in the prompt: snapkv >= {other}",
                v =>
                    v[RecallLab.Arm("snapkv", Judged), RecallLab.Asked]
                    - v[RecallLab.Arm(other, Judged), RecallLab.Asked]
            )
        ),
        Criterion.MeanAbove(
            "a quarter, question in the prompt: snapkv > snapkv without pooling",
            v =>
                v[RecallLab.Arm("snapkv", Judged), RecallLab.Asked]
                - v[RecallLab.Arm(WithoutPooling, Judged), RecallLab.Asked]
        ),
        Criterion.MeanAtLeast(
            "a quarter: snapkv with the question in the prompt >= afterwards + 0.2",
            v =>
                v[RecallLab.Arm("snapkv", Judged), RecallLab.Asked]
                - v[RecallLab.Arm("snapkv", Judged), RecallLab.Afterwards]
                - 0.2
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
        var values = new List<Measurement>();
        foreach (var (arm, policy) in Arms())
            values.AddRange(lab.Ask(arm, policy, cancellationToken));
        return values;
    }

    private static IEnumerable<(string Arm, string? Policy)> Arms()
    {
        yield return (RecallLab.Full, null);
        var (all, half) = (RecallLab.Number(Judged), RecallLab.Number(Judged / 2));
        yield return (RecallLab.Arm("snapkv", Judged), $"snapkv(budget={all},window=2,kernel=5)");
        yield return (RecallLab.Arm(WithoutPooling, Judged), $"snapkv(budget={all},window=2,kernel=1)");
        yield return (RecallLab.Arm("streaming-llm", Judged), $"streaming-llm(budget={all})");
        yield return (RecallLab.Arm("h2o", Judged), $"h2o(heavy={half},recent={half})");
        yield return (RecallLab.Arm("tova", Judged), $"tova(budget={all})");
    }
}
