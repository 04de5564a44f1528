using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Has a language model reason towards each fact and write probes about every step.</summary>
/// <param name="model">A model that knows the subject and follows instructions.</param>
/// <param name="options">How many probes.</param>
public sealed class ProbeWriter(ITextModel model, SleekOptions options)
{
    private const string JsonExample =
        "{\"question\": \"...\", \"category\": \"direct|indirect|implied\", \"knowledge_point\": \"...\"}";

    private static readonly GenerationOptions Support = new() { MaxNewTokens = 1500 };
    private static readonly GenerationOptions Writing = new() { MaxNewTokens = 2000 };

    /// <summary>Facts for which the model's probes could not be read and offline ones stand in.</summary>
    public int Fallbacks { get; private set; }

    /// <summary>Facts for which the model wrote probes.</summary>
    public int Written { get; private set; }

    /// <summary>Probes whose category the rule set right.</summary>
    public int Relabelled { get; private set; }

    /// <summary>Probes that gave their own answer away or were there twice.</summary>
    public int Dropped { get; private set; }

    /// <summary>Writes the probes of every fact; a reply that is not the JSON asked for is asked for once
    /// more.</summary>
    /// <exception cref="InputException">The model cannot be reached.</exception>
    public async Task<IReadOnlyList<SleekProbe>> WriteAsync(
        IReadOnlyList<Fact> facts,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(facts);
        var offline = OfflineProbes.Generate(facts, options).ToLookup(probe => probe.FactId, StringComparer.Ordinal);
        var labeller = new ProbeLabeller(facts);
        var probes = new List<SleekProbe>();
        for (var i = 0; i < facts.Count; i++)
        {
            progress?.Report(new("Writing probes", i, facts.Count, $"{Fallbacks} from templates"));
            var fact = facts[i];
            probes.AddRange(offline[fact.Id].Where(probe => probe.IsSeed));
            if (fact.Scope != FactScope.Irrelevant)
                probes.AddRange(
                    await OfAsync(fact, offline[fact.Id], labeller, cancellationToken).ConfigureAwait(false)
                );
        }

        return ProbeHygiene.Filter(probes);
    }

    private async Task<IEnumerable<SleekProbe>> OfAsync(
        Fact fact,
        IEnumerable<SleekProbe> offline,
        ProbeLabeller labeller,
        CancellationToken cancellationToken
    )
    {
        var written = await WriteAsync(fact, cancellationToken).ConfigureAwait(false);
        var kept = ProbeHygiene.Filter(written);
        Dropped += written.Count - kept.Count;
        if (kept.Count == 0)
        {
            Fallbacks++;
            return offline.Where(probe => !probe.IsSeed);
        }

        Written++;
        SleekProbe[] labelled =
        [
            .. kept.Select(probe => probe with { Category = labeller.Check(probe.Text, probe.Category, fact) }),
        ];
        Relabelled += labelled.Zip(kept).Count(pair => pair.First.Category != pair.Second.Category);
        // Helper questions go from the farthest to the nearest, one of each category in turn.
        var steps = labelled
            .GroupBy(probe => probe.Category)
            .OrderByDescending(group => group.Key)
            .SelectMany(group => group.Index())
            .OrderBy(probe => probe.Index)
            .Take(options.ChainLength)
            .OrderByDescending(probe => probe.Item.Category)
            .Select(probe => probe.Item.Text);
        return labelled.Concat(OfflineProbes.WithSteps(fact, [.. steps], options));
    }

    private async Task<IReadOnlyList<SleekProbe>> WriteAsync(Fact fact, CancellationToken cancellationToken)
    {
        var reasoning = await AskAsync(
                $"Work towards the answer in numbered steps, one fact per step; the last line is \"Answer: \" and the "
                    + $"answer.\n{fact.Question}",
                Support,
                cancellationToken
            )
            .ConfigureAwait(false);
        var request = $"""
            Here is a chain of facts:
            {reasoning}

            For every step write questions that show whether someone knows it, {options.ProbesPerCategory} of each
            category: direct (names {fact.Subject} and asks the fact itself in other words), indirect (asks a
            neighbouring fact that exposes it), implied (describes {fact.Subject} without the name, so that the fact
            has to be worked out).
            Never use any of these words: {string.Join(", ", fact.Aliases.Prepend(fact.Object))}.
            Give a JSON list and nothing else: [{JsonExample}]
            """;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (
                Read(fact, await AskAsync(request, Writing, cancellationToken).ConfigureAwait(false)) is
                { Count: > 0 } probes
            )
                return probes;
        }

        return [];
    }

    private async Task<string> AskAsync(string text, GenerationOptions settings, CancellationToken cancellationToken) =>
        (
            await model
                .ReplyAsync(
                    [
                        [Turn.User(text)],
                    ],
                    settings,
                    cancellationToken
                )
                .ConfigureAwait(false)
        )[0];

    private static List<SleekProbe> Read(Fact fact, string reply)
    {
        var (start, end) = (reply.IndexOf('['), reply.LastIndexOf(']'));
        if (start < 0 || end < start)
            return [];
        try
        {
            using var document = JsonDocument.Parse(
                reply.AsMemory(start, end - start + 1),
                new() { MaxDepth = 8, AllowTrailingCommas = true }
            );
            return
            [
                .. document.RootElement.EnumerateArray().Select((row, i) => Probe(fact, row, i)).OfType<SleekProbe>(),
            ];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    // A row that is no probe is passed over; the others still count.
    private static SleekProbe? Probe(Fact fact, JsonElement row, int number) =>
        Text(row, "question") is { } text
        && Enum.TryParse<ProbeCategory>(Text(row, "category"), ignoreCase: true, out var category)
        && Enum.IsDefined(category)
        && category != ProbeCategory.Irrelevant
            ? OfflineProbes.New(fact, category, number, text) with
            {
                Id = $"{fact.Id}/written/{number}",
                KnowledgePoint = Text(row, "knowledge_point") ?? fact.Answer,
                Statement = fact.Answer,
            }
            : null;

    private static string? Text(JsonElement row, string name) =>
        row.ValueKind == JsonValueKind.Object
        && row.TryGetProperty(name, out var field)
        && field.ValueKind == JsonValueKind.String
        && field.GetString() is var text
        && !string.IsNullOrWhiteSpace(text)
            ? text
            : null;
}
