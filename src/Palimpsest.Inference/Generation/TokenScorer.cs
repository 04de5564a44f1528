namespace Palimpsest.Inference;

/// <summary>
/// Teacher-forced log-probabilities: batches of like length, logits only of the rows that are asked for. A prompt that several
/// sequences begin with is read once.
/// </summary>
internal static class TokenScorer
{
    private const long MostLogits = 1 << 22;

    /// <summary>Scores sequences; results are in the order of the input.</summary>
    public static IReadOnlyList<TokenScores> Score(
        CausalLM decoder, int padId, IReadOnlyList<TokenSequence> sequences, ScoreOptions options, CancellationToken cancellationToken)
    {
        foreach (var sequence in sequences)
        {
            if (sequence.Ids.Length > decoder.Config.LongestSequence)
                throw new InputException($"Row {sequence.Row}: {sequence.Ids.Length} tokens; the model has {decoder.Config.LongestSequence} positions.");
        }

        var results = new TokenScores[sequences.Count];
        var wasTraining = decoder.training;
        decoder.eval();
        try
        {
            foreach (var groups in SharedPrompts.Batches(sequences, options.BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int[] rows = [.. groups.SelectMany(group => group)];
                var scores = ScoreBatch(decoder, padId, [.. rows.Select(row => sequences[row])], [.. groups.Select(group => group.Length)], options);
                for (var i = 0; i < rows.Length; i++)
                    results[rows[i]] = scores[i];
            }
        }
        finally
        {
            decoder.train(wasTraining);
        }

        return results;
    }

    private static TokenScores[] ScoreBatch(CausalLM decoder, int padId, TokenSequence[] sequences, int[] groupSizes, ScoreOptions options)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (batch, hidden) = groupSizes.Max() > 1 ? ReadShared(decoder, padId, sequences, groupSizes) : ReadWhole(decoder, padId, sequences);
        using var disposed = batch;
        var flat = batch.LabelMask.reshape(-1).nonzero().reshape(-1);
        var count = (int)flat.numel();
        var values = new Columns(count, options.VocabularyMoments);
        if (count > 0)
        {
            var rows = hidden.reshape(-1, hidden.shape[2]).index_select(0, flat - 1);       // token t is predicted at t − 1
            var labels = batch.Ids.reshape(-1).index_select(0, flat);
            var tile = (int)Math.Max(1, MostLogits / decoder.Config.VocabularySize);
            for (var start = 0; start < count; start += tile)
                ScoreTile(decoder, rows, labels, start, Math.Min(tile, count - start), values);
        }

        var at = 0;
        return [.. sequences.Select(sequence =>
        {
            var range = at..(at + Math.Max(0, sequence.LabelCount));
            at = range.End.Value;
            return values.Slice(range);
        })];
    }

    private static (TokenBatch Batch, Tensor Hidden) ReadWhole(CausalLM decoder, int padId, TokenSequence[] sequences)
    {
        var batch = TokenBatch.Collate(sequences, padId, device: decoder.Device);
        var equal = sequences.All(s => s.Ids.Length == sequences[0].Ids.Length);
        return (batch, decoder.Forward(new()
        {
            TokenIds = batch.Ids,
            AttentionMask = equal ? null : batch.AttentionMask,
            Logits = LogitsFor.None,
        }).Hidden);
    }

    /// <summary>Reads each group's prompt once into a cache, then what follows its last token, which differs; the batch holds the latter.</summary>
    private static (TokenBatch Batch, Tensor Hidden) ReadShared(CausalLM decoder, int padId, TokenSequence[] sequences, int[] groupSizes)
    {
        var firsts = new List<TokenSequence>();
        var places = new List<long>();
        foreach (var size in groupSizes)
        {
            firsts.Add(sequences[places.Count]);
            places.AddRange(Enumerable.Repeat((long)firsts.Count - 1, size));
        }

        using var prompts = TokenBatch.Collate(
            [.. firsts.Select(s => new TokenSequence(s.Ids[..SharedPrompts.PrefixLength(s)], int.MaxValue))], padId, PaddingSide.Left, decoder.Device);
        var batch = TokenBatch.Collate(
            [.. sequences.Select(s => new TokenSequence(s.Ids[SharedPrompts.PrefixLength(s)..], 1, s.Row))], padId, device: decoder.Device);
        using var cache = new KvCache(decoder.Config, firsts.Count, (int)(prompts.Ids.shape[1] + batch.Ids.shape[1]), decoder.Device);
        decoder.Forward(new() { TokenIds = prompts.Ids, AttentionMask = prompts.AttentionMask, Cache = cache, Logits = LogitsFor.None });
        cache.SelectRows([.. places]);
        var repeated = prompts.AttentionMask.index_select(0, tensor(places.ToArray(), device: decoder.Device));
        return (batch, decoder.Forward(new()
        {
            TokenIds = batch.Ids,
            AttentionMask = cat([repeated, batch.AttentionMask], 1),
            Cache = cache,
            Logits = LogitsFor.None,
        }).Hidden);
    }

    private static void ScoreTile(CausalLM decoder, Tensor rows, Tensor labels, int start, int count, Columns values)
    {
        using var scope = NewDisposeScope();
        var logits = decoder.HeadLogits(rows.narrow(0, start, count));                       // [n, V]
        var log = nn.functional.log_softmax(logits, -1);
        Copy(log.gather(1, labels.narrow(0, start, count).unsqueeze(1)).squeeze(1), values.LogProbabilities, start);
        logits.argmax(-1).to(ScalarType.Int32).cpu().data<int>().ToArray().CopyTo(values.Greedy, start);
        if (values.Mean.Length == 0)
            return;
        var p = log.exp();
        var mean = (p * log).sum(1);
        Copy(mean, values.Mean, start);
        Copy(((p * log.square()).sum(1) - mean.square()).clamp_min(0).sqrt(), values.Deviation, start);
    }

    private static void Copy(Tensor source, float[] target, int start) => source.cpu().contiguous().data<float>().ToArray().CopyTo(target, start);

    private sealed class Columns(int count, bool moments)
    {
        public float[] LogProbabilities { get; } = new float[count];

        public int[] Greedy { get; } = new int[count];

        public float[] Mean { get; } = new float[moments ? count : 0];

        public float[] Deviation { get; } = new float[moments ? count : 0];

        public TokenScores Slice(Range range) => new(
            LogProbabilities[range], Greedy[range], Mean.Length == 0 ? [] : Mean[range], Mean.Length == 0 ? [] : Deviation[range]);
    }
}
