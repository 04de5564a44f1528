using Palimpsest.Evaluation;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>Puts the same probes to two or three models, one loaded at a time, and keeps their replies in the run
/// folder.</summary>
/// <param name="options">How it asks.</param>
/// <param name="judge">Judges the replies.</param>
/// <param name="facts">Facts of all scopes.</param>
/// <param name="candidate">The model after forgetting; the others are held as it is.</param>
internal sealed class SleekAttack(SleekOptions options, IJudge judge, IReadOnlyList<Fact> facts, ModelOptions candidate)
{
    private readonly Sleek _sleek = new(options, judge);
    private readonly Dictionary<string, IReadOnlyList<SleekReply>> _replies = [];
    private readonly Dictionary<string, IReadOnlyList<ScoredProbe>> _scores = [];

    /// <summary>The model before forgetting.</summary>
    public required string Original { get; init; }

    /// <summary>A model that never saw the facts, or null.</summary>
    public string? Retrained { get; init; }

    /// <summary>Probes: read when the file is there, written to it otherwise; null for neither.</summary>
    public string? ProbeFile { get; init; }

    /// <summary>Writes probes; null takes templates.</summary>
    public ITextModel? Writer { get; init; }

    /// <summary>Whether the probabilities of candidates are compared, too.</summary>
    public bool Scored { get; init; }

    /// <summary>Runs the attack, or what is left of it.</summary>
    public async Task<SleekResult> RunAsync(
        RunFolder run,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var parts = new ProgressParts(progress, [Writer is null ? 0 : 1, 1, 1, Retrained is null ? 0 : 1]);
        var (origin, probes) = await run
            .Stages.GetAsync(
                "probes",
                () =>
                    SleekProbes.GetAsync(ProbeFile, facts, options, Writer, parts.Part(0, "probes"), cancellationToken)
            )
            .ConfigureAwait(false);
        Evaluation.ProbeFile.Write(run.File("probes.jsonl"), probes);
        Task Ask(int part, string name, Func<GeneratingModel> load) =>
            AskAsync(new(name, load, probes, run), parts.Part(part, name), cancellationToken);
        await Ask(1, "original", () => candidate.LoadOther(Original, cancellationToken)).ConfigureAwait(false);
        await Ask(2, "candidate", () => candidate.Load(cancellationToken)).ConfigureAwait(false);
        if (Retrained is { } never)
            await Ask(3, "retrained", () => candidate.LoadOther(never, cancellationToken)).ConfigureAwait(false);
        var (original, after) = (_replies["original"], _replies["candidate"]);
        var retrained = _replies.GetValueOrDefault("retrained");
        var report = Sleek.Report(original, after, retrained, facts);
        var scored = Scored
            ? ScoredSleek.Report(_scores["original"], _scores["candidate"], _scores.GetValueOrDefault("retrained"))
            : null;
        return new(origin, judge.Name, report, scored, Sleek.Recover(original, after, retrained));
    }

    private async Task AskAsync(Asked asked, IProgress<TaskProgress> progress, CancellationToken cancellationToken)
    {
        var (name, load, probes, run) = asked;
        _replies[name] = await run
            .Stages.GetAsync(
                $"replies-{name}",
                async () =>
                {
                    using var language = load();
                    return await _sleek.AskAsync(language, probes, progress, cancellationToken).ConfigureAwait(false);
                }
            )
            .ConfigureAwait(false);
        Evaluation.ProbeFile.WriteReplies(run.File($"replies-{name}.jsonl"), _replies[name]);
        if (!Scored)
            return;
        _scores[name] = await run
            .Stages.GetAsync(
                $"scores-{name}",
                async () =>
                {
                    using var language = load();
                    return await ScoredSleek.AskAsync(language, facts, probes, cancellationToken).ConfigureAwait(false);
                }
            )
            .ConfigureAwait(false);
    }

    private sealed record Asked(
        string Name,
        Func<GeneratingModel> Load,
        IReadOnlyList<SleekProbe> Probes,
        RunFolder Run
    );
}
