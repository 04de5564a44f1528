using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Has a language model reason towards each fact and write probes about every step.</summary>
/// <param name="model">A model that knows the subject and follows instructions.</param>
/// <param name="options">How many probes.</param>
public sealed class ProbeWriter(ITextModel model, SleekOptions options)
{
    private static readonly GenerationOptions Support = new() { MaxNewTokens = 1500 };
    private static readonly GenerationOptions Writing = new() { MaxNewTokens = 2000 };

    /// <summary>Facts for which the model's probes could not be read and offline ones stand in.</summary>
    public int Fallbacks { get; private set; }

    /// <summary>Writes the probes of every fact; a reply that is not the JSON asked for is asked for once more.</summary>
    public async Task<IReadOnlyList<SleekProbe>> WriteAsync(
        IReadOnlyList<Fact> facts, IProgress<TaskProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var probes = new List<SleekProbe>();
        for (var i = 0; i < facts.Count; i++)
        {
            progress?.Report(new("Writing probes", i, facts.Count));
            var fact = facts[i];
            var offline = OfflineProbes.Generate([fact], options);
            probes.AddRange(offline.Where(probe => probe.IsSeed));
            if (fact.Scope == FactScope.Irrelevant)
                continue;
            var written = await WriteAsync(fact, cancellationToken).ConfigureAwait(false);
            if (written.Count == 0)
            {
                Fallbacks++;
                written = [.. offline.Where(probe => !probe.IsSeed)];
            }

            probes.AddRange(written);
        }

        return ProbeHygiene.Filter(probes);
    }

    private async Task<IReadOnlyList<SleekProbe>> WriteAsync(Fact fact, CancellationToken cancellationToken)
    {
        var reasoning = await AskAsync(
            $"Work towards the answer in numbered steps, one fact per step; the last line is \"Answer: \" and the answer.\n{fact.Question}", Support, cancellationToken)
            .ConfigureAwait(false);
        var request =
            $"""
            Here is a chain of facts:
            {reasoning}

            For every step write questions that show whether someone knows it, {options.ProbesPerCategory} of each category:
            direct (names {fact.Subject} and asks the fact itself in other words), indirect (asks a neighbouring fact that exposes it),
            implied (describes {fact.Subject} without the name, so that the fact has to be worked out).
            Never use any of these words: {string.Join(", ", fact.Aliases.Prepend(fact.Object))}.
            Give a JSON list and nothing else: [{JsonExample}]
            """;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (Read(fact, await AskAsync(request, Writing, cancellationToken).ConfigureAwait(false)) is { Count: > 0 } probes)
                return probes;
        }

        return [];
    }

    private const string JsonExample = "{\"question\": \"...\", \"category\": \"direct|indirect|implied\", \"knowledge_point\": \"...\"}";

    private async Task<string> AskAsync(string text, GenerationOptions settings, CancellationToken cancellationToken) =>
        (await model.ReplyAsync([[Turn.User(text)]], settings, cancellationToken).ConfigureAwait(false))[0];

    private static List<SleekProbe> Read(Fact fact, string reply)
    {
        var (start, end) = (reply.IndexOf('['), reply.LastIndexOf(']'));
        if (start < 0 || end < start)
            return [];
        try
        {
            using var document = JsonDocument.Parse(reply.AsMemory(start, end - start + 1), new() { MaxDepth = 8, AllowTrailingCommas = true });
            return [.. document.RootElement.EnumerateArray().Select((row, i) => Probe(fact, row, i)).OfType<SleekProbe>()];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    private static SleekProbe? Probe(Fact fact, JsonElement row, int number) =>
        row.TryGetProperty("question", out var question) && row.TryGetProperty("category", out var name)
        && Enum.TryParse<ProbeCategory>(name.GetString(), ignoreCase: true, out var category) && category != ProbeCategory.Irrelevant
            ? new()
            {
                Id = $"{fact.Id}/written/{number}",
                FactId = fact.Id,
                Scope = fact.Scope,
                Category = category,
                Text = question.GetString() ?? "",
                KnowledgePoint = row.TryGetProperty("knowledge_point", out var point) ? point.GetString() ?? fact.Answer : fact.Answer,
                Expected = [fact.Object, .. fact.Aliases],
            }
            : null;
}
