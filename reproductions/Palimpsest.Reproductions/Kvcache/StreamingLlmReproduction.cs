using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>Sinks and a window answer behind a stream of any length as if nothing had come before, at a constant size.
/// Xiao et al. 2023, arXiv:2309.17453.</summary>
/// <param name="options">Task, model and training; null takes the claim's.</param>
/// <param name="prompts">Prompts per arm.</param>
/// <param name="stream">Tokens of the long stream; the short one has a quarter of them.</param>
public sealed class StreamingLlmReproduction(RecallTaskOptions? options = null, int prompts = 256, int stream = 1024)
    : IReproduction
{
    private const string System = "streaming-llm",
        NoSinks = "window without sinks",
        TextPositions = "streaming-llm, positions of the text",
        Fresh = "only what the window can hold";
    private const string Recent = "exact, facts at the end of the stream",
        Early = "exact, facts at the start of the stream",
        Short = "bytes behind a quarter of the stream",
        Long = "bytes behind the stream";
    private const int Facts = 8,
        Filler = 40,
        Window = 96,
        Part = 32;

    private readonly RecallTaskOptions _options = options ?? new();

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "Behind a stream that is longer than anything that the model learnt from, a cache of sinks and a recent window "
        + "answers questions about what is in the window as if nothing had come before, within five points, and more "
        + "often than the full cache does. Its size does not grow. Without the sinks it fails. What has left the "
        + "window is gone: the stream is endless, the memory is not.";

    /// <inheritdoc/>
    public string Baseline =>
        "The full cache, a window of the same size without sinks, sinks with the positions of the text in the place of "
        + "those of the cache, and a model that reads nothing but what the window can hold.";

    /// <inheritdoc/>
    public string Setting =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The recall recipe's model ({1 + 3 * _options.Facts + _options.Filler} tokens of context and questions "
                + $"behind them in training). n = {prompts} streams per seed of {stream} words of filler with {Facts} "
                + $"facts among {Filler} more words at the end, or at the start, read in parts of {Part} tokens; then "
                + $"a question about one of them, both words of the answer from the cache. {Window} entries, 4 of them "
                + $"sinks."
        );

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.MeanAtLeast(
            "facts in the window: streaming-llm >= nothing before - 0.05",
            v => v[System, Recent] - v[Fresh, Recent] + 0.05
        ),
        Criterion.MeanAbove(
            "facts in the window: streaming-llm > full cache",
            v => v[System, Recent] - v[RecallLab.Full, Recent]
        ),
        Criterion.MeanAbove(
            "facts in the window: streaming-llm > window without sinks",
            v => v[System, Recent] - v[NoSinks, Recent]
        ),
        Criterion.EverySeed(
            "facts before the window: streaming-llm answers at most 0.05",
            v => 0.05 - v[System, Early]
        ),
        Criterion.EverySeed(
            "bytes do not grow from a quarter of the stream on",
            v => v[System, Short] - v[System, Long]
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
        var sized = _options with { Seed = seed };
        using var model = await context.ModelAsync(RecallRecipe.Create(sized), cancellationToken).ConfigureAwait(false);
        var task = new RecallTask(sized);
        var questions = RecallQuiz.Draw(task, Facts, Filler, prompts, seed);
        var values = new List<Measurement>();
        foreach (var (arm, policy) in Arms())
        {
            context.Progress?.Report(new(arm, 0, 0));
            var (recent, early, brief) = (
                Ask(stream, true, policy),
                Ask(stream, false, policy),
                Ask(stream / 4, true, policy)
            );
            values.Add(new(arm, Recent, recent.Exact.Value));
            values.Add(new(arm, Early, early.Exact.Value));
            values.Add(new(arm, Short, brief.Bytes.Physical));
            values.Add(new(arm, Long, recent.Bytes.Physical));
        }

        values.Add(new(Fresh, Recent, Ask(0, true, null).Exact.Value));
        return values;

        KvScore Ask(int tokens, bool isBefore, string? policy) =>
            new KvQuiz(model.Decoder, RecallQuiz.InStream(task, questions, tokens, isBefore, seed))
            {
                PartTokens = Part,
            }.Ask(policy is null ? null : KvPolicyExpression.Parse(policy), asksFirst: false, cancellationToken);
    }

    private static (string Arm, string? Policy)[] Arms() =>
        [
            (RecallLab.Full, null),
            (System, $"streaming-llm(budget={Window})"),
            (NoSinks, $"streaming-llm(budget={Window},sinks=0)"),
            (TextPositions, $"streaming-llm(budget={Window},original-positions=true)"),
        ];
}
