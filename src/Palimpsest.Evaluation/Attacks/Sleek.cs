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
    private const double SampledTemperature = 0.7;
    private const double SampledTopP = 0.9;

    private readonly IJudge _judge = judge ?? new AliasJudge();

    /// <summary>How probes and replies are written as JSON.</summary>
    internal static JsonSerializerOptions Json { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        };

    /// <summary>SHA-256 of a set of probes, in hexadecimal.</summary>
    public static string Hash(IReadOnlyList<SleekProbe> probes) =>
        ContentHash.OfBytes(JsonSerializer.SerializeToUtf8Bytes(probes, Json));

    /// <summary>Asks every probe, judges the replies, and asks again for each sampled run.</summary>
    /// <param name="model">The model that is attacked.</param>
    /// <param name="probes">The probes, the same for every model.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<IReadOnlyList<SleekReply>> AskAsync(
        ITextModel model,
        IReadOnlyList<SleekProbe> probes,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(probes);
        var run = new SleekRun(model, probes, options, progress, cancellationToken);
        var replies = await run.AskAsync(
                new()
                {
                    Temperature = options.Temperature,
                    Seed = options.Seed,
                    BatchSize = 64,
                }
            )
            .ConfigureAwait(false);
        var verdicts = await JudgeAsync(probes, replies, cancellationToken).ConfigureAwait(false);
        var sampled = new List<IReadOnlyList<Verdict>>();
        for (var i = 1; i <= options.SampledRuns; i++)
        {
            var again = await run.AskAsync(
                    new()
                    {
                        Temperature = SampledTemperature,
                        TopP = SampledTopP,
                        Seed = SeededRandom.Derive(options.Seed, (ulong)i),
                        BatchSize = 64,
                    }
                )
                .ConfigureAwait(false);
            sampled.Add(await JudgeAsync(probes, again, cancellationToken).ConfigureAwait(false));
        }

        return
        [
            .. probes.Select(
                (probe, i) =>
                    new SleekReply(probe, replies[i], verdicts[i])
                    {
                        Response =
                            verdicts[i] == Verdict.Stated
                                ? ResponseOf(probe, SleekPrompt.Judged(probe, replies[i]))
                                : null,
                        Sampled = [.. sampled.Select(verdict => verdict[i])],
                    }
            ),
        ];
    }

    /// <summary>Compares a candidate's replies with the original's and, where there is one, the retrained
    /// model's.</summary>
    /// <param name="original">Replies of the model before forgetting.</param>
    /// <param name="candidate">Replies of the model after forgetting.</param>
    /// <param name="retrained">Replies of a model that never saw the facts, or null.</param>
    /// <param name="facts">The facts, for the chance of guessing; may be left out.</param>
    /// <exception cref="InputException">The original answers no forget fact, so that there is nothing to
    /// measure.</exception>
    public static SleekReport Report(
        IReadOnlyList<SleekReply> original,
        IReadOnlyList<SleekReply> candidate,
        IReadOnlyList<SleekReply>? retrained,
        IReadOnlyList<Fact>? facts = null
    )
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(candidate);
        return new SleekAnalysis(original, candidate, retrained).Report(facts ?? []);
    }

    /// <summary>How much of the forgotten knowledge the attack's best category of single questions brings back, with
    /// its interval over facts.</summary>
    /// <param name="original">Replies of the model before forgetting.</param>
    /// <param name="candidate">Replies of the model after forgetting.</param>
    /// <param name="retrained">Replies of a model that never saw the facts, or null.</param>
    public static Recovery Recover(
        IReadOnlyList<SleekReply> original,
        IReadOnlyList<SleekReply> candidate,
        IReadOnlyList<SleekReply>? retrained
    )
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(candidate);
        return SleekRecovery.Of(original, candidate, retrained) with { Axis = AuditAxis.Says };
    }

    private Task<IReadOnlyList<Verdict>> JudgeAsync(
        IReadOnlyList<SleekProbe> probes,
        IReadOnlyList<string> replies,
        CancellationToken cancellationToken
    ) => _judge.JudgeAsync(probes, [.. probes.Zip(replies, SleekPrompt.Judged)], cancellationToken);

    private static ProbeCategory ResponseOf(SleekProbe probe, string reply)
    {
        if (probe.IsReverse)
            return ProbeCategory.Indirect;
        return AliasJudge.States(probe, reply) ? ProbeCategory.Direct : ProbeCategory.Implied;
    }
}
