namespace Palimpsest.Models;

/// <summary>Rows that a decoder reads through one cache, padded where they are of different lengths.</summary>
internal sealed class DecoderBatch : IStepBatch
{
    // Columns that no row uses any more are cut off from here on.
    private const int WorthTrimming = 64;

    private readonly DecoderSteps _steps;
    private readonly CausalLM _decoder;
    private readonly IDisposable _evaluation;
    private readonly bool _ownsCache;
    private KvCache _cache;

    // Real tokens [B, at least Length] bool; null as long as every token is real.
    private Tensor? _real;

    public DecoderBatch(DecoderSteps steps, CausalLM decoder, KvCache cache, bool ownsCache = true)
    {
        (_steps, _decoder, _cache, _ownsCache) = (steps, decoder, cache, ownsCache);
        _evaluation = decoder.Evaluate();
    }

    /// <inheritdoc/>
    public int Rows => _cache.Batch;

    /// <inheritdoc/>
    public int Length => _cache.Length;

    /// <inheritdoc/>
    public Tensor Read(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var tokens = (int)((input.Embeddings ?? input.TokenIds)?.shape[1] ?? 0);
        Remember(input.RealTokens, tokens);
        var output = _decoder.Forward(
            new()
            {
                TokenIds = input.TokenIds,
                Embeddings = input.Embeddings,
                AttentionMask = _real?.narrow(1, 0, Length + tokens),
                Cache = _cache,
                Phase = input.Phase,
                Flags = input.Flags,
                Logits = input.AllPositions ? LogitsFor.AllTokens : LogitsFor.LastToken,
            }
        );
        var logits = input.AllPositions ? output.Logits! : output.Logits!.squeeze(1);
        return logits.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Keep(ReadOnlySpan<long> rows)
    {
        _cache.SelectRows(rows);
        if (_real is null)
            return;
        using var scope = NewDisposeScope();
        Replace(_real.index_select(0, tensor(rows.ToArray(), device: _real.device)));
    }

    /// <inheritdoc/>
    public void Join(IStepBatch other)
    {
        if (
            other is not DecoderBatch batch
            || !ReferenceEquals(batch._decoder, _decoder)
            || ReferenceEquals(other, this)
        )
            throw new ArgumentException("The batch that joins is not another one of the same model.", nameof(other));
        if (_cache.Policy is not null || batch._cache.Policy is not null)
            throw new InvalidOperationException("Rows do not join a batch whose cache follows a policy.");
        if (!_steps.ReadsInParts || Length == 0 || batch.Length == 0)
            throw new InvalidOperationException(
                "Only batches of a model that reads in parts, and that have begun, join."
            );
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (rows, joining, length) = (Rows, batch.Rows, Math.Max(Length, batch.Length));
        var real = cat([RealTokens(length), batch.RealTokens(length)], 0);
        var notes = _cache.Notes.Join(batch._cache.Notes, rows, joining);
        if (Length >= batch.Length)
        {
            _cache.SelectRows([.. Enumerable.Range(0, rows + joining).Select(row => row < rows ? row : 0L)]);
            CopyRows(batch._cache, _cache, rows);
        }
        else
        {
            batch._cache.SelectRows([
                .. Enumerable.Range(0, rows + joining).Select(row => row < rows ? 0L : row - rows),
            ]);
            CopyRows(_cache, batch._cache, 0);
            (_cache, batch._cache) = (batch._cache, _cache);
        }

        _cache.Notes = notes;
        _cache.Record.Lose("rows of another batch have joined");
        Replace(real);
        batch.Dispose();
        Trim();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsCache)
            _cache.Dispose();
        _real?.Dispose();
        _evaluation.Dispose();
    }

    /// <summary>Puts a shorter cache's rows at the end of a longer one's columns.</summary>
    private static void CopyRows(KvCache from, KvCache to, int firstRow)
    {
        for (var layer = 0; layer < to.Layers; layer++)
        {
            Place(to.Keys(layer)).copy_(from.Keys(layer));
            Place(to.Values(layer)).copy_(from.Values(layer));
        }

        Tensor Place(Tensor buffer) =>
            buffer.narrow(0, firstRow, from.Batch).narrow(2, to.Length - from.Length, from.Length);
    }

    /// <summary>Real tokens [B, length] bool, as if padded on the left.</summary>
    private Tensor RealTokens(int length)
    {
        var own = _real is null ? AllReal(Length) : _real.narrow(1, 0, Length);
        return length == Length
            ? own
            : cat([zeros([Rows, length - Length], ScalarType.Bool, device: _decoder.Device), own], 1);
    }

    private Tensor AllReal(int tokens) => ones([Rows, tokens], ScalarType.Bool, device: _decoder.Device);

    private void Remember(Tensor? real, int tokens)
    {
        if (real is null && _real is null)
            return;
        var needed = Length + tokens;
        if (_real is null || _real.shape[1] < needed)
            Replace(cat([RealTokens(Length), AllReal(Math.Max(needed, _cache.Capacity) - Length)], 1));
        if (real is not null)
            _real!.narrow(1, Length, tokens).copy_(real);
    }

    /// <summary>Cuts off the first columns that are padding in every row.</summary>
    private void Trim()
    {
        var used = _real!.narrow(1, 0, Length).any(0).to(ScalarType.Int32).argmax().item<long>();
        if (used < WorthTrimming)
            return;
        var left = Length - used;
        for (var layer = 0; layer < _cache.Layers; layer++)
        {
            foreach (var buffer in new[] { _cache.Keys(layer), _cache.Values(layer) })
                buffer.narrow(2, 0, left).copy_(buffer.narrow(2, used, left).clone());
        }

        Replace(_real.narrow(1, used, left).clone());
        _cache.Truncate((int)left);
    }

    private void Replace(Tensor real)
    {
        _real?.Dispose();
        _real = real.DetachFromDisposeScope();
    }
}
