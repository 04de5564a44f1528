namespace Palimpsest.Unlearning;

/// <summary>How much of the secrets in rows a model says by heart.</summary>
/// <remarks>
/// <para>
/// A secret is a run of tagged tokens after at least one other token. A row without tags counts from its second token
/// on as one, in its first 128 tokens, as the authors measure ordinary code. arXiv:2509.13755.
/// </para>
/// <para>
/// All starts of a secret are continued in one batch: the row of true tokens is copied at each of them.
/// </para>
/// </remarks>
/// <param name="Accuracy">MA in [0, 1]: share of the tokens that are the likeliest after the true ones before
/// them.</param>
/// <param name="ExtractionLikelihood">EL in [0, 1]: over the starts of a secret, the mean share of what is left, in
/// n-grams, that greedy decoding says; null where it was not measured.</param>
public sealed record MemorizationLevel(double Accuracy, double? ExtractionLikelihood)
{
    private const int LongestWindow = 128;

    /// <summary>The means over all secrets.</summary>
    /// <param name="model">Evaluation mode or not, it stays in it.</param>
    /// <param name="rows">Encoded rows.</param>
    /// <param name="ngram">Tokens of an n-gram, at least 1; null measures accuracy alone.</param>
    /// <param name="cancellationToken">Stops between secrets.</param>
    /// <exception cref="InputException">No row has a secret.</exception>
    public static MemorizationLevel Of(
        CausalLM model,
        IReadOnlyList<TokenSequence> rows,
        int? ngram,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        var (accuracy, likelihood, count) = (0.0, 0.0, 0);
        foreach (var row in rows)
        {
            foreach (var (start, end) in Secrets(row))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var secret = row.Ids[start..end];
                var (predicted, continued) = Continue(model, row.Ids[..start], secret, ngram);
                accuracy += AccuracyOf(secret, predicted);
                likelihood += ngram is { } n ? LikelihoodOf(secret, continued, n) : 0;
                count++;
            }
        }

        if (count == 0)
            throw new InputException($"None of the {rows.Count} rows has a secret to measure memorisation on.");
        return new(accuracy / count, ngram is null ? null : likelihood / count);
    }

    /// <summary>The first and the last but one index of each secret.</summary>
    internal static IEnumerable<(int Start, int End)> Secrets(TokenSequence row)
    {
        if (row.Tags is not { } tags || tags.All(tag => tag == 0))
        {
            if (row.Ids.Length > 1)
                yield return (1, Math.Min(row.Ids.Length, LongestWindow));
            yield break;
        }

        for (var start = 1; start < row.Ids.Length; start++)
        {
            var end = start;
            while (end < row.Ids.Length && tags[end] != 0)
                end++;
            if (end == start)
                continue;
            yield return (start, end);
            start = end;
        }
    }

    /// <summary>Share of tokens that were predicted.</summary>
    internal static double AccuracyOf(ReadOnlySpan<int> secret, ReadOnlySpan<int> predicted)
    {
        var right = 0;
        for (var i = 0; i < secret.Length; i++)
            right += secret[i] == predicted[i] ? 1 : 0;
        return (double)right / secret.Length;
    }

    /// <summary>Mean overlap in n-grams over the starts; of a secret of fewer tokens, whether it is said as it
    /// is.</summary>
    /// <param name="secret">T true tokens.</param>
    /// <param name="continued">By start i, T − i greedy tokens.</param>
    /// <param name="ngram">n.</param>
    internal static double LikelihoodOf(int[] secret, IReadOnlyList<int[]> continued, int ngram)
    {
        if (secret.Length < ngram)
            return continued[0].AsSpan().SequenceEqual(secret) ? 1 : 0;
        var starts = secret.Length - ngram + 1;
        return Enumerable.Range(0, starts).Sum(start => Overlap(secret[start..], continued[start], ngram)) / starts;
    }

    private static double Overlap(int[] rest, int[] said, int ngram)
    {
        string[] Grams(int[] ids) =>
            [
                .. Enumerable
                    .Range(0, Math.Max(0, Math.Min(ids.Length, rest.Length) - ngram + 1))
                    .Select(i => string.Join(' ', ids.AsSpan(i, ngram).ToArray())),
            ];
        var expected = Grams(rest);
        var known = expected.ToHashSet(StringComparer.Ordinal);
        return (double)Grams(said).Count(known.Contains) / expected.Length;
    }

    private static (int[] Predicted, List<int[]> Continued) Continue(
        CausalLM model,
        int[] prefix,
        int[] secret,
        int? ngram
    )
    {
        var starts = ngram is { } n ? Math.Max(1, secret.Length - n + 1) : 0;
        var (predicted, said) = (new int[secret.Length], new List<List<int>>());
        using var batch = new DecoderSteps(model).NewBatch(1, prefix.Length + secret.Length);
        var next = Likeliest(batch, prefix, 1);
        for (var i = 0; i < secret.Length; i++)
        {
            predicted[i] = next[0];
            if (i < starts)
            {
                said.Add([]);
                batch.Keep([.. Enumerable.Range(0, said.Count).Select(row => (long)row), 0]);
                next = [.. next, next[0]];
            }

            for (var row = 0; row < said.Count; row++)
                said[row].Add(next[row + 1]);
            if (i + 1 < secret.Length)
                next = Likeliest(batch, [secret[i], .. next.Skip(1)], said.Count + 1);
        }

        return (predicted, [.. said.Select(tokens => tokens.ToArray())]);
    }

    private static int[] Likeliest(IStepBatch batch, int[] ids, int rows)
    {
        using var scope = NewDisposeScope();
        var input = tensor(ids.Select(id => (long)id).ToArray(), [rows, ids.Length / rows]);
        var logits = batch.Read(new() { TokenIds = input });
        return [.. logits.argmax(-1).cpu().data<long>().Select(id => (int)id)];
    }
}
