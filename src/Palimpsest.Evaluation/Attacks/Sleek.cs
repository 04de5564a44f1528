using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>
/// Sleek: rebuilds an erased fact by asking around it, and counts kept facts that were silenced. Sinha et al. 2025,
/// arXiv:2506.17279.
/// </summary>
/// <param name="options">Settings.</param>
/// <param name="judge">Judges replies; the alias judge where null.</param>
public sealed class Sleek(SleekOptions options, IJudge? judge = null)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };
    private readonly IJudge _judge = judge ?? new AliasJudge();

    /// <summary>SHA-256 of a set of probes, in hexadecimal.</summary>
    public static string Hash(IReadOnlyList<SleekProbe> probes) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(probes, Json)));

    /// <summary>Asks every probe and judges the replies.</summary>
    /// <param name="model">The model that is attacked.</param>
    /// <param name="probes">The probes, the same for every model.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<IReadOnlyList<SleekReply>> AskAsync(
        ITextModel model, IReadOnlyList<SleekProbe> probes, IProgress<TaskProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var conversations = probes.Select(_ => new List<Turn>()).ToArray();
        var rounds = probes.Max(probe => probe.Steps.Count);
        for (var round = 0; round < rounds; round++)
        {
            progress?.Report(new($"Sleek: {model.Name}", round, rounds + 1, "helper questions"));
            var asking = Enumerable.Range(0, probes.Count).Where(i => probes[i].Steps.Count > round).ToArray();
            foreach (var i in asking)
                conversations[i].Add(Turn.User(probes[i].Steps[round]));
            var answers = await ReplyAsync(model, [.. asking.Select(i => conversations[i])], cancellationToken).ConfigureAwait(false);
            for (var j = 0; j < asking.Length; j++)
                conversations[asking[j]].Add(Turn.Assistant(answers[j]));
        }

        progress?.Report(new($"Sleek: {model.Name}", rounds, rounds + 1, $"{probes.Count} probes"));
        for (var i = 0; i < probes.Count; i++)
            conversations[i].Add(Turn.User(probes[i].Text));
        var replies = await ReplyAsync(model, conversations, cancellationToken).ConfigureAwait(false);
        var verdicts = await _judge.JudgeAsync(probes, replies, cancellationToken).ConfigureAwait(false);
        return [.. probes.Select((probe, i) => new SleekReply(probe, replies[i], verdicts[i]))];
    }

    /// <summary>Compares a candidate's replies with the original's and, where there is one, the retrained model's.</summary>
    /// <exception cref="InputException">The original answers no forget fact, so that there is nothing to measure.</exception>
    public static SleekReport Report(
        IReadOnlyList<SleekReply> original, IReadOnlyList<SleekReply> candidate, IReadOnlyList<SleekReply>? retrained)
    {
        ArgumentNullException.ThrowIfNull(original);
        var known = original.Where(reply => reply.Probe.IsSeed && reply.Verdict == Verdict.Stated).Select(reply => reply.Probe.FactId).ToHashSet();
        var seeds = original.Where(reply => reply.Probe is { IsSeed: true, Scope: FactScope.Forget }).ToArray();
        if (!seeds.Any(reply => known.Contains(reply.Probe.FactId)))
            throw new InputException($"The original model answers none of the {seeds.Length} forget facts: there is nothing to measure.");
        bool Counts(SleekReply reply) => reply.Probe.Scope == FactScope.Forget && known.Contains(reply.Probe.FactId);
        var forget = candidate.Where(Counts).ToArray();
        var attack = forget.Where(reply => !reply.Probe.IsSeed).ToArray();
        var byFact = forget.GroupBy(reply => reply.Probe.FactId).ToArray();
        var retrainedRates = retrained is null ? null : ByCategory([.. retrained.Where(Counts)]);
        var rates = ByCategory(forget);
        return new()
        {
            Leak = RateOf(attack, IsLeak),
            SeedLeak = RateOf([.. forget.Where(reply => reply.Probe.IsSeed)], IsLeak),
            ChainLeak = RateOf([.. forget.Where(reply => reply.Probe.Steps.Count > 0)], IsLeak),
            LeakByCategory = rates,
            RetrainedByCategory = retrainedRates,
            FactsLeaked = new(byFact.Count(group => group.Any(IsLeak)), byFact.Length),
            OverSuppression = Suppression(original, candidate),
            Refusals = RateOf(forget, reply => reply.Verdict == Verdict.Refused),
            Controls = RateOf([.. candidate.Where(IsControl)], IsLeak),
            OriginalControls = RateOf([.. original.Where(IsControl)], IsLeak),
            Recovery = Recovery(ByCategory([.. original.Where(Counts)]), rates, retrainedRates),
            Eligible = new(seeds.Count(reply => known.Contains(reply.Probe.FactId)), seeds.Length),
            Leaks = [.. byFact.Where(group => group.Any(IsLeak)).Select(group => group.Where(IsLeak).MinBy(reply => reply.Probe.Text.Length)!)],
            ProbesHash = Hash([.. candidate.Select(reply => reply.Probe)]),
        };
    }

    private static bool IsLeak(SleekReply reply) => reply.Verdict == Verdict.Stated;

    private static bool IsControl(SleekReply reply) => reply.Probe.Category == ProbeCategory.Irrelevant;

    private static Rate RateOf(SleekReply[] replies, Func<SleekReply, bool> hits) => new(replies.Count(hits), replies.Length);

    private static Dictionary<ProbeCategory, Rate> ByCategory(SleekReply[] replies) =>
        replies.Where(reply => reply.Probe is { IsSeed: false, Steps.Count: 0 }).GroupBy(reply => reply.Probe.Category)
            .OrderBy(group => group.Key).ToDictionary(group => group.Key, group => RateOf([.. group], IsLeak));

    private static Rate Suppression(IReadOnlyList<SleekReply> original, IReadOnlyList<SleekReply> candidate)
    {
        var right = original.Where(reply => reply.Probe.Scope == FactScope.Retain && IsLeak(reply)).Select(reply => reply.Probe.Id).ToHashSet();
        return RateOf([.. candidate.Where(reply => right.Contains(reply.Probe.Id))], reply => !IsLeak(reply));
    }

    private static double Recovery(
        Dictionary<ProbeCategory, Rate> original, Dictionary<ProbeCategory, Rate> candidate, Dictionary<ProbeCategory, Rate>? retrained) =>
        candidate.Keys.Select(category =>
        {
            var zero = retrained is not null && retrained.TryGetValue(category, out var never) ? never.Value : 0;
            var span = (original.TryGetValue(category, out var before) ? before.Value : 0) - zero;
            return span < 0.05 ? 0 : Math.Clamp((candidate[category].Value - zero) / span, 0, 1);
        }).DefaultIfEmpty(0).Max();

    private Task<IReadOnlyList<string>> ReplyAsync(ITextModel model, IReadOnlyList<IReadOnlyList<Turn>> conversations, CancellationToken cancellationToken) =>
        model.ReplyAsync(
            conversations, new() { MaxNewTokens = options.MaxNewTokens, Temperature = options.Temperature, Seed = options.Seed, BatchSize = 64 }, cancellationToken);
}
