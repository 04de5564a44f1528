namespace Palimpsest.Samples;

/// <summary>Texts that the model itself writes: what it is to forget or to keep, in its own words.</summary>
internal static class WrittenTexts
{
    /// <summary>
    /// Three kinds of rows: a fact's question with the model's reply to it; the same question with the fact as the
    /// model puts it when it is told; a subject with what the model has to say about it. Held-out phrasings are never
    /// used.
    /// </summary>
    public static async Task<IReadOnlyList<QuestionAnswer>> WriteAsync(
        LanguageModel model,
        IReadOnlyList<Fact> facts,
        Settings settings,
        CancellationToken cancellationToken
    )
    {
        (string Prompt, string Question)[] asked =
        [
            .. facts.Select(fact => (fact.Question, fact.Question)),
            .. facts.Select(fact => ($"Say this in your own words, in one sentence: {fact.Answer}", fact.Question)),
            .. facts
                .Select(fact => $"What do you know about {fact.Subject}?")
                .Distinct()
                .Select(question => (question, question)),
        ];
        var options = new GenerationOptions
        {
            MaxNewTokens = settings.TextTokens,
            Temperature = 0.7,
            TopP = 0.9,
            Seed = settings.Seed,
            BatchSize = 64,
        };
        var replies = await model.ReplyAsync(
            [.. asked.Select(row => (IReadOnlyList<Turn>)[Turn.User(row.Prompt)])],
            options,
            cancellationToken
        );
        return
        [
            .. asked
                .Zip(
                    replies,
                    (row, reply) =>
                        new QuestionAnswer { Question = row.Question, Answer = WholeSentences(reply.Trim()) }
                )
                .Where(row => row.Answer.Length > 0),
        ];
    }

    /// <summary>A reply that was cut off ends with its last whole sentence, where it has one.</summary>
    private static string WholeSentences(string reply)
    {
        var end = reply.LastIndexOfAny(['.', '!', '?', '"']);
        return end < 0 ? reply : reply[..(end + 1)];
    }
}
