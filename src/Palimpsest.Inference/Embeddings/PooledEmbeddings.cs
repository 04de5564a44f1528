using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Runs texts of like length together and gives their vectors in the order of the texts.</summary>
internal static class PooledEmbeddings
{
    // Padding included.
    private const int BatchTokens = 2048;
    private const int BatchRows = 64;

    /// <summary>Vectors of token rows.</summary>
    /// <param name="rows">Ids, at least one per row.</param>
    /// <param name="padId">Fills up batches, on the right.</param>
    /// <param name="pooled">A batch to [B, D].</param>
    /// <param name="device">Where batches go.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static GeneratedEmbeddings<Embedding<float>> Of(
        IReadOnlyList<int[]> rows,
        int padId,
        Func<TokenBatch, Tensor> pooled,
        Device device,
        string model,
        CancellationToken cancellationToken
    )
    {
        var vectors = new Embedding<float>[rows.Count];
        foreach (var indices in Batches(rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Collate(
                [.. indices.Select(i => new TokenSequence(rows[i], rows[i].Length, i))],
                padId,
                device: device
            );
            var values = pooled(batch).cpu().contiguous();
            var width = (int)values.shape[1];
            var numbers = values.data<float>().ToArray();
            for (var i = 0; i < indices.Count; i++)
                vectors[indices[i]] = new(numbers.AsMemory(i * width, width).ToArray()) { ModelId = model };
        }

        var tokens = rows.Sum(row => (long)row.Length);
        return new(vectors)
        {
            Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }

    /// <summary>Refuses options that a local model cannot honour.</summary>
    /// <exception cref="InputException">Another model or another length is asked for.</exception>
    public static void Check(EmbeddingGenerationOptions? options, string model, int dimensions)
    {
        if (options?.ModelId is { } other && other != model)
            throw new InputException($"{model}: the model cannot make the vectors of '{other}'.");
        if (options?.Dimensions is { } wanted && wanted != dimensions)
            throw new InputException($"{model}: vectors have {dimensions} dimensions; {wanted} are not to be had.");
    }

    private static IEnumerable<IReadOnlyList<int>> Batches(IReadOnlyList<int[]> rows)
    {
        var batch = new List<int>();
        foreach (var i in Enumerable.Range(0, rows.Count).OrderBy(i => rows[i].Length))
        {
            if (batch.Count == BatchRows || (batch.Count > 0 && (batch.Count + 1) * rows[i].Length > BatchTokens))
            {
                yield return batch;
                batch = [];
            }

            batch.Add(i);
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
