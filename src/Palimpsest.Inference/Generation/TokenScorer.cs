namespace Palimpsest.Inference;

/// <summary>Teacher-forced log-probabilities: batches of like length, logits only of the rows that are asked for.</summary>
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
            foreach (var rows in Enumerable.Range(0, sequences.Count).OrderByDescending(i => sequences[i].Ids.Length).Chunk(options.BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var scores = ScoreBatch(decoder, padId, [.. rows.Select(i => sequences[i])], options);
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

    private static TokenScores[] ScoreBatch(CausalLM decoder, int padId, TokenSequence[] sequences, ScoreOptions options)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var batch = TokenBatch.Collate(sequences, padId, device: decoder.Device);
        var equal = sequences.All(s => s.Ids.Length == sequences[0].Ids.Length);
        var hidden = decoder.Forward(new()
        {
            TokenIds = batch.Ids,
            AttentionMask = equal ? null : batch.AttentionMask,
            Logits = LogitsFor.None,
        }).Hidden;
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
