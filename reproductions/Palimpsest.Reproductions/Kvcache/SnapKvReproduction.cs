using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// The votes of a prompt's last tokens keep what the prompt asks for, where a window or accumulated attention of the
/// same size lose it. Li et al. 2024, arXiv:2404.14469.
/// </summary>
/// <param name="options">Task, model and training; null takes the claim's.</param>
/// <param name="prompts">Prompts per arm.</param>
public sealed class SnapKvReproduction(RecallTaskOptions? options = null, int prompts = 512) : IReproduction
{
    private const string Full = "full cache";
    private const string Asked = "recall, question in the prompt",
        Afterwards = "recall, question afterwards";
    private const double Judged = 0.25;
    private static readonly double[] Budgets = [0.5, Judged, 0.125];
    private readonly RecallTaskOptions _options = options ?? new();

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "With a quarter of the entries the vote of the prompt's last tokens answers a question that is in the prompt as "
        + "often as the full cache does, within five points, and at least as often as attention sinks with a window, "
        + "heavy hitters and omission by the newest query do. It knows what it was asked, not what it will be: a "
        + "question that comes afterwards is answered at least twenty points less often. Codes of four bits answer as "
        + "the full cache does, within one point.";

    /// <inheritdoc/>
    public string Baseline =>
        "StreamingLLM, H2O and TOVA with the same number of entries per head, and the full cache: same model, same "
        + "prompts, same questions.";

    /// <inheritdoc/>
    public string Setting =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"A {_options.Layers}-layer model of width {_options.HiddenSize} that was trained to look up in its prompt "
                + $"what it is asked; {prompts} prompts of {_options.Facts} facts about other names each, three tokens "
                + $"a fact, and a question about one of them. The answer is two words: the first is given, the second "
                + $"has to come from the cache after it was cut down. SnapKV: window 2, kernel 5. "
        ) + "KIVI: 4 and 2 bits, groups of 16, a residual of 16.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.MeanAtLeast(
            "a quarter, question in the prompt: snapkv >= full cache - 0.05",
            v => v[Arm("snapkv", Judged), Asked] - v[Full, Asked] + 0.05
        ),
        .. new[] { "streaming-llm", "h2o", "tova" }.Select(other =>
            Criterion.MeanAtLeast(
                $"a quarter, question in the prompt: snapkv >= {other}",
                v => v[Arm("snapkv", Judged), Asked] - v[Arm(other, Judged), Asked]
            )
        ),
        Criterion.MeanAtLeast(
            "a quarter: snapkv with the question in the prompt >= afterwards + 0.2",
            v => v[Arm("snapkv", Judged), Asked] - v[Arm("snapkv", Judged), Afterwards] - 0.2
        ),
        Criterion.EverySeed(
            "kivi, 4 bits: within 0.01 of the full cache, asked afterwards",
            v => 0.01 - Math.Abs(v["kivi, 4 bits", Afterwards] - v[Full, Afterwards])
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
        var options = _options with { Seed = seed };
        using var model = await context
            .ModelAsync(RecallRecipe.Create(options), cancellationToken)
            .ConfigureAwait(false);
        var quiz = new RecallQuiz(model, new(options), options.Facts, prompts, SeededRandom.Derive(seed, 43));
        var values = new List<Measurement>();
        foreach (var (arm, policy) in Arms())
        {
            values.Add(new(arm, Asked, quiz.Ask(policy, asksFirst: true, cancellationToken).Value));
            values.Add(new(arm, Afterwards, quiz.Ask(policy, asksFirst: false, cancellationToken).Value));
        }

        return values;
    }

    private static IEnumerable<(string Arm, string? Policy)> Arms()
    {
        yield return (Full, null);
        foreach (var budget in Budgets)
        {
            var (all, half) = (Number(budget), Number(budget / 2));
            yield return (Arm("snapkv", budget), $"snapkv(budget={all},window=2,kernel=5)");
            yield return (Arm("streaming-llm", budget), $"streaming-llm(budget={all})");
            yield return (Arm("h2o", budget), $"h2o(heavy={half},recent={half})");
            yield return (Arm("tova", budget), $"tova(budget={all})");
        }

        foreach (var bits in new[] { 4, 2 })
            yield return ($"kivi, {bits} bits", $"kivi(bits={bits},group=16,residual=16)");
    }

    private static string Arm(string policy, double budget) => $"{policy}, {Number(budget)} of the entries";

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
