namespace Palimpsest.Inference;

/// <summary>Prefill, then one token per row and step through the cache; rows that have ended leave the batch.</summary>
/// <remarks>
/// Prompts of like length share a batch and are padded on the left. A row's tokens depend on its prompt, the options
/// and the
/// seed, not on the rows beside it.
/// </remarks>
internal sealed class Generator(
    CausalLM decoder,
    Tokenizer tokenizer,
    IReadOnlySet<int> endTokens,
    int padId,
    GenerationOptions options
)
{
    private readonly HashSet<int> _ends = [.. endTokens, .. options.StopTokens];

    /// <summary>Continues every prompt.</summary>
    /// <param name="prompts">Token ids.</param>
    /// <param name="onToken">Told each new token with its row.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    public IReadOnlyList<int[]> Run(
        IReadOnlyList<int[]> prompts,
        Action<int, int> onToken,
        CancellationToken cancellationToken
    ) => [.. RunToEnd(prompts, onToken, cancellationToken).Select(row => row.Tokens)];

    /// <summary>The same, with what ended each row.</summary>
    public IReadOnlyList<GeneratedRow> RunToEnd(
        IReadOnlyList<int[]> prompts,
        Action<int, int> onToken,
        CancellationToken cancellationToken
    )
    {
        for (var row = 0; row < prompts.Count; row++)
        {
            if (prompts[row].Length == 0)
                throw new InputException($"Prompt {row} has no token.");
            if (prompts[row].Length >= decoder.Config.LongestSequence)
                throw new InputException(
                    $"Prompt {row} has {prompts[row].Length} tokens; the model has {decoder.Config.LongestSequence} "
                        + $"positions, one of them for the answer."
                );
        }

        var results = new GeneratedRow[prompts.Count];
        var wasTraining = decoder.training;
        decoder.eval();
        try
        {
            foreach (
                var rows in Enumerable
                    .Range(0, prompts.Count)
                    .OrderBy(row => prompts[row].Length)
                    .Chunk(options.BatchSize)
            )
            {
                foreach (
                    var row in RunBatch(
                        [.. rows.Select(row => new Row(row, prompts[row], NewSampler(row, prompts[row]), Text()))],
                        onToken,
                        cancellationToken
                    )
                )
                    results[row.Index] = new([.. row.Tokens], row.End);
            }
        }
        finally
        {
            decoder.train(wasTraining);
        }

        return results;
    }

    private StoppedText? Text() => options.StopStrings.Count == 0 ? null : new(tokenizer, options.StopStrings);

    private TokenSampler? NewSampler(int row, int[] prompt) =>
        TokenSampler.IsNeeded(options) ? new(options, SeededRandom.Derive(options.Seed, (ulong)row), prompt) : null;

    private List<Row> RunBatch(List<Row> rows, Action<int, int> onToken, CancellationToken cancellationToken)
    {
        using var outer = NewDisposeScope();
        using var grad = no_grad();
        var width = rows.Max(row => row.Prompt.Length);
        var longest = Math.Min(
            options.MaxNewTokens,
            decoder.Config.LongestSequence - rows.Min(row => row.Prompt.Length)
        );
        using var batch = TokenBatch.Collate(
            [.. rows.Select(row => new TokenSequence(row.Prompt, row.Prompt.Length))],
            padId,
            PaddingSide.Left,
            decoder.Device
        );
        using var cache = new KvCache(
            decoder.Config,
            rows.Count,
            Math.Min(width + longest, decoder.Config.LongestSequence + width),
            decoder.Device,
            options.KvPolicy
        );
        Tensor? mask = null;
        if (rows.Any(row => row.Prompt.Length != width))
            mask = cat([batch.AttentionMask, ones([rows.Count, longest], ScalarType.Bool, device: decoder.Device)], 1);
        var active = rows;
        var ids = batch.Ids;
        for (var step = 0; active.Count > 0; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var output = decoder.Forward(
                new()
                {
                    TokenIds = ids,
                    AttentionMask = mask?.narrow(1, 0, width + step),
                    Cache = cache,
                    Logits = LogitsFor.LastToken,
                }
            );
            var next = Choose(active, output.Logits!.squeeze(1));
            for (var i = 0; i < active.Count; i++)
                Advance(active[i], (int)next[i], onToken);
            if (
                active.Count(row => !row.Done) is var left
                && left < active.Count
                && (left <= active.Count / 2 || left == 0)
            )
            {
                (active, next, mask) = Compact(active, next, cache, mask);
                if (active.Count == 0)
                    break;
            }

            var read = ids;
            ids = tensor(next, [active.Count, 1], device: decoder.Device).MoveToOuterDisposeScope();
            read.Dispose();
        }

        return rows;
    }

    private long[] Choose(List<Row> rows, Tensor logits)
    {
        if (rows[0].Sampler is null)
            return logits.argmax(-1).data<long>().ToArray();
        var values = logits.cpu().contiguous().data<float>().ToArray();
        var vocabulary = (int)logits.shape[1];
        return
        [
            .. rows.Select(
                (row, i) => row.Done ? padId : (long)row.Sampler!.Next(values.AsSpan(i * vocabulary, vocabulary))
            ),
        ];
    }

    private void Advance(Row row, int id, Action<int, int> onToken)
    {
        if (row.Done)
            return;
        if (_ends.Contains(id))
        {
            (row.Done, row.End) = (true, GenerationEnd.EndToken);
            return;
        }

        row.Tokens.Add(id);
        onToken(row.Index, id);
        if (row.Text is { } text)
        {
            text.Add(id);
            if (text.Stopped)
                (row.Done, row.End) = (true, GenerationEnd.StopText);
        }

        row.Done |=
            row.Tokens.Count >= options.MaxNewTokens
            || row.Prompt.Length + row.Tokens.Count >= decoder.Config.LongestSequence;
    }

    private static (List<Row> Active, long[] Next, Tensor? Mask) Compact(
        List<Row> rows,
        long[] next,
        KvCache cache,
        Tensor? mask
    )
    {
        var kept = Enumerable.Range(0, rows.Count).Where(i => !rows[i].Done).Select(i => (long)i).ToArray();
        if (kept.Length == 0)
            return ([], [], mask);
        cache.SelectRows(kept);
        var selected = mask?.index_select(0, tensor(kept, device: mask.device)).MoveToOuterDisposeScope();
        return ([.. kept.Select(i => rows[(int)i])], [.. kept.Select(i => next[i])], selected);
    }

    private sealed class Row(int index, int[] prompt, TokenSampler? sampler, StoppedText? text)
    {
        public int Index => index;

        public int[] Prompt => prompt;

        public TokenSampler? Sampler => sampler;

        public StoppedText? Text => text;

        public List<int> Tokens { get; } = [];

        public GenerationEnd End { get; set; } = GenerationEnd.Length;

        public bool Done { get; set; }
    }
}
