namespace Palimpsest.Samples;

/// <summary>Texts that the model itself writes about facts: what it is to forget or to keep, in its own words.</summary>
internal static class WrittenTexts
{
    private static readonly string[] PerFact = ["{question}", "{question} Answer in one sentence."];
    private static readonly string[] PerSubject = ["Write two sentences about {subject}.", "What do you know about {subject}?"];

    /// <summary>One row per prompt; only questions as written are used, never the held-out phrasings or the answers of the file.</summary>
    public static async Task<IReadOnlyList<QuestionAnswer>> WriteAsync(
        LanguageModel model, IReadOnlyList<Fact> facts, Settings settings, CancellationToken cancellationToken)
    {
        string[] prompts =
        [
            .. PerFact.SelectMany(template => facts.Select(fact => template.Replace("{question}", fact.Question, StringComparison.Ordinal))),
            .. PerSubject.SelectMany(template => facts.Select(fact => fact.Subject).Distinct().Select(subject => template.Replace("{subject}", subject, StringComparison.Ordinal))),
        ];
        var options = new GenerationOptions { MaxNewTokens = settings.TextTokens, Temperature = 0.7, TopP = 0.9, Seed = settings.Seed, BatchSize = 64 };
        var replies = await model.ReplyAsync([.. prompts.Select(prompt => (IReadOnlyList<Turn>)[Turn.User(prompt)])], options, cancellationToken);
        return [.. prompts.Zip(replies, (prompt, reply) => new QuestionAnswer { Question = prompt, Answer = WholeSentences(reply.Trim()) })
            .Where(row => row.Answer.Length > 0)];
    }

    /// <summary>A reply that was cut off ends with its last whole sentence, where it has one.</summary>
    private static string WholeSentences(string reply)
    {
        var end = reply.LastIndexOfAny(['.', '!', '?', '"']);
        return end < 0 ? reply : reply[..(end + 1)];
    }
}
