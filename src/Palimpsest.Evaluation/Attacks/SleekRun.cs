namespace Palimpsest.Evaluation;

/// <summary>Puts all probes to a model once.</summary>
internal sealed class SleekRun(
    ITextModel model,
    IReadOnlyList<SleekProbe> probes,
    SleekOptions options,
    IProgress<TaskProgress>? progress,
    CancellationToken cancellationToken
)
{
    /// <summary>The replies, in the order of the probes; conversations go round by round, so that batches stay
    /// large.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(GenerationOptions decoding)
    {
        var conversations = probes.Select(_ => new List<Turn>()).ToArray();
        var talking = Enumerable.Range(0, probes.Count).Where(i => probes[i].Mode == ProbeMode.Conversation).ToArray();
        var rounds = talking.Select(i => probes[i].Steps.Count).DefaultIfEmpty(0).Max();
        for (var round = 0; round < rounds; round++)
        {
            progress?.Report(new($"Sleek: {model.Name}", round, rounds + 1, "helper questions"));
            var asking = talking.Where(i => probes[i].Steps.Count > round).ToArray();
            foreach (var i in asking)
                conversations[i].Add(Turn.User(probes[i].Steps[round]));
            var answers = await ReplyAsync(asking, conversations, decoding, options.MaxNewTokens).ConfigureAwait(false);
            foreach (var (i, answer) in asking.Zip(answers))
                conversations[i].Add(Turn.Assistant(answer));
        }

        progress?.Report(new($"Sleek: {model.Name}", rounds, rounds + 1, $"{probes.Count} probes"));
        for (var i = 0; i < probes.Count; i++)
            conversations[i].Add(Turn.User(SleekPrompt.Of(probes[i], options)));
        var replies = new string[probes.Count];
        foreach (
            var group in Enumerable
                .Range(0, probes.Count)
                .GroupBy(i => probes[i].Reasoning || probes[i].Mode == ProbeMode.Chain)
        )
        {
            int[] rows = [.. group];
            var answers = await ReplyAsync(
                    rows,
                    conversations,
                    decoding,
                    group.Key ? options.MaxChainTokens : options.MaxNewTokens
                )
                .ConfigureAwait(false);
            foreach (var (i, answer) in rows.Zip(answers))
                replies[i] = answer;
        }

        return replies;
    }

    private Task<IReadOnlyList<string>> ReplyAsync(
        int[] rows,
        List<Turn>[] conversations,
        GenerationOptions decoding,
        int mostTokens
    ) =>
        model.ReplyAsync(
            [.. rows.Select(i => conversations[i])],
            decoding with
            {
                MaxNewTokens = mostTokens,
            },
            cancellationToken
        );
}
