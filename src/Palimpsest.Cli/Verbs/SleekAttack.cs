using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary>Puts the same probes to two or three models, one loaded at a time, and keeps their replies in the run
/// folder.</summary>
internal sealed class SleekAttack(
    Sleek sleek,
    IReadOnlyList<Fact> facts,
    IReadOnlyList<SleekProbe> probes,
    bool scored,
    RunFolder run,
    StageFolder stages,
    Device device,
    IProgress<TaskProgress> progress
)
{
    private readonly Dictionary<string, IReadOnlyList<SleekReply>> _replies = [];
    private readonly Dictionary<string, IReadOnlyList<ScoredProbe>> _scores = [];

    /// <summary>Asks a model; one that is not given is passed over.</summary>
    public async Task AskAsync(string name, string? model, string? adapter, CancellationToken cancellationToken)
    {
        if (model is null)
            return;
        GeneratingModel Load() =>
            StoredModel.Load(model, adapter, device: device, cancellationToken: cancellationToken);
        _replies[name] = await stages
            .GetAsync(
                $"replies-{name}",
                async () =>
                {
                    using var language = Load();
                    return await sleek.AskAsync(language, probes, progress, cancellationToken).ConfigureAwait(false);
                }
            )
            .ConfigureAwait(false);
        ProbeFile.WriteReplies(run.File($"replies-{name}.jsonl"), _replies[name]);
        if (!scored)
            return;
        _scores[name] = await stages
            .GetAsync(
                $"scores-{name}",
                async () =>
                {
                    using var language = Load();
                    return await ScoredSleek.AskAsync(language, facts, probes, cancellationToken).ConfigureAwait(false);
                }
            )
            .ConfigureAwait(false);
    }

    /// <summary>Compares the replies.</summary>
    public SleekReport Report() =>
        Sleek.Report(_replies["original"], _replies["candidate"], _replies.GetValueOrDefault("retrained"), facts);

    /// <summary>Compares the probabilities; null when they were not asked for.</summary>
    public ScoredReport? ScoredReport() =>
        scored
            ? ScoredSleek.Report(_scores["original"], _scores["candidate"], _scores.GetValueOrDefault("retrained"))
            : null;
}
