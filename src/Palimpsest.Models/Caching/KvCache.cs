namespace Palimpsest.Models;

/// <summary>Keys and values of the tokens that a model has read: a list of layers.</summary>
/// <remarks>
/// <see cref="Length"/> counts the tokens seen, which positions follow; what each layer holds of them is a policy's
/// choice. Without a policy every layer is a contiguous buffer [B, Hkv, capacity, Dh] float32 of rotated keys. A
/// forward pass with a cache records no gradient unless <see cref="ForwardInput.RecordsGradient"/> says so. One pass
/// at a time.
/// </remarks>
public sealed partial class KvCache : IDisposable
{
    private LayerCache[] _layers;

    /// <summary>Allocates an empty cache.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="batch">Rows, at least 1.</param>
    /// <param name="capacity">Most tokens per row, at least 1; grows when exceeded.</param>
    /// <param name="device">Where the buffers live; the CPU by default.</param>
    /// <param name="policy">What is held; everything by default.</param>
    /// <exception cref="InputException">The policy cannot serve the model.</exception>
    public KvCache(DecoderConfig config, int batch, int capacity, Device? device = null, IKvPolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        Batch = Require.AtLeast(batch, 1, nameof(batch));
        Capacity = Require.AtLeast(capacity, 1, nameof(capacity));
        Policy = policy;
        Record = new(batch);
        if (policy is not null && config.RopeScaling?.Kind is RopeScalingKind.Dynamic or RopeScalingKind.LongRope)
            throw new InputException(
                $"{policy.Id}: the angles of this model change with the length of the text, so that keys are read "
                    + "again; a cache that drops or rounds entries cannot serve it."
            );
        policy?.Check(config);
        _layers = new LayerCache[config.Layers];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var shape = new LayerShape(layer, batch, config.KeyValueHeads, config.HeadSize, capacity, device ?? CPU);
            _layers[layer] = policy?.NewLayer(shape, config) ?? new ContiguousLayerCache(shape);
            _layers[layer].Owner = this;
        }
    }

    private KvCache(KvCache source, int copies)
    {
        using var scope = NewDisposeScope();
        (Capacity, Length, RotaryVariant, Policy) = (
            source.Capacity,
            source.Length,
            source.RotaryVariant,
            source.Policy
        );
        Batch = source.Batch * copies;
        (Record, Reader) = (source.Record.Repeat(copies), source.Reader);
        Notes = source.Notes.Repeat(copies);
        History = Copy(source.History);
        LastHidden = Copy(source.LastHidden);
        IsInPrompt = source.IsInPrompt;
        Real = Copy(source.Real);
        _layers = [.. source._layers.Select(layer => layer.Fork(copies))];
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer].Owner = this;
            _layers[layer].Notes = source._layers[layer].Notes.Map(rows => rows.repeat_interleave(copies, 0));
            if (source._layers[layer].Late is { } late)
                _layers[layer].Late = late.Select(arange(source.Batch).repeat_interleave(copies, 0));
        }

        Tensor? Copy(Tensor? rows) => rows?.repeat_interleave(copies, 0).DetachFromDisposeScope();
    }

    /// <summary>Rows.</summary>
    public int Batch { get; private set; }

    /// <summary>Tokens per row that fit without growing as long as nothing is dropped.</summary>
    public int Capacity { get; private set; }

    /// <summary>Tokens seen per row, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>What is held; null for everything.</summary>
    public IKvPolicy? Policy { get; }

    /// <summary>Layers.</summary>
    public int Layers => _layers.Length;

    /// <summary>What all layers weigh.</summary>
    public KvBytes Bytes =>
        _layers.Aggregate(default(KvBytes), (sum, layer) => sum + layer.Bytes + new KvBytes(0, layer.Notes.Bytes));

    /// <summary>The cache of a layer.</summary>
    public LayerCache this[int layer] => _layers[layer];

    /// <summary>A view of a layer's keys [B, Hkv, width, Dh], as attention reads them; the caller disposes
    /// it.</summary>
    /// <exception cref="InvalidOperationException">The layer does not hold them as such a buffer.</exception>
    public Tensor Keys(int layer) => Contiguous(layer).Keys();

    /// <summary>A view of a layer's values [B, Hkv, width, Dh]; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">The layer does not hold them as such a buffer.</exception>
    public Tensor Values(int layer) => Contiguous(layer).Values();

    /// <summary>Embeddings [B, Length, D] of the tokens read, where angles depend on the length of the sequence; else
    /// null.</summary>
    internal Tensor? History { get; private set; }

    /// <summary>The last hidden state [B, 1, D] of those read, where a policy wants surprise; else null.</summary>
    internal Tensor? LastHidden { get; private set; }

    /// <summary>True between the parts of a prompt.</summary>
    internal bool IsInPrompt { get; private set; }

    /// <summary>Real tokens among those seen and those of the pass that runs [B, S] bool; null when all are.</summary>
    internal Tensor? Real { get; private set; }

    /// <summary>What is known of each row beside its tokens.</summary>
    internal RowNotes Notes { get; set; } = new();

    /// <summary>The angles that the keys were rotated by.</summary>
    internal int RotaryVariant { get; set; }

    /// <summary>True when positions have to be told to the layers.</summary>
    internal bool NeedsPositions => Policy is not null || !_layers.All(layer => layer.IsPlain);

    /// <summary>True when no layer's angles depend on how many tokens were seen.</summary>
    internal bool IsRelative =>
        Policy is { BoundsPositions: true } && _layers.All(layer => layer.Rotation == KeyRotation.Unrotated);

    /// <summary>Forgets the tokens from <paramref name="length"/> on; entries that a policy has dropped do not come
    /// back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or above <see cref="Length"/>.</exception>
    public void Truncate(int length)
    {
        TakeBack(length);
        Record.Truncate(length);
        Notes.PromptEnd = Math.Min(Notes.PromptEnd, length);
    }

    /// <summary>The same for layers alone: the tokens will be read again.</summary>
    internal void TakeBack(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        foreach (var layer in _layers)
            layer.Truncate(length);
        if (length < Length)
            KeepLast(null);
        Length = length;
    }

    /// <summary>Keeps the embeddings [B, T, D] of the tokens that come after <see cref="Length"/>.</summary>
    internal void Remember(Tensor embeddings)
    {
        var old = History;
        History = (
            Length == 0 ? embeddings.clone() : cat([old!.narrow(1, 0, Length), embeddings], 1)
        ).DetachFromDisposeScope();
        old?.Dispose();
    }

    /// <summary>An independent copy, each row repeated <paramref name="copies"/> times.</summary>
    public KvCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        using var grad = no_grad();
        return new(this, copies);
    }

    /// <summary>Keeps the rows at <paramref name="rows"/> in that order; a row may be named more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No row is named, or one that does not exist.</exception>
    public void SelectRows(ReadOnlySpan<long> rows)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Length, nameof(rows));
        foreach (var row in rows)
        {
            if (row < 0 || row >= Batch)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"Rows must be from 0 to {Batch - 1}.");
        }

        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var index = tensor(rows.ToArray());
        foreach (var layer in _layers)
        {
            layer.SelectRows(rows);
            var notes = layer.Notes;
            layer.Notes = notes.Map(row => row.index_select(0, index.to(row.device)));
            notes.Dispose();
            if (layer.Late is not { } late)
                continue;
            layer.Late = late.Select(index);
            late.Dispose();
        }

        (History, Real, LastHidden) = (Select(History), Select(Real), Select(LastHidden));
        Notes = Notes.Select(rows);
        Record = Record.Select(rows);
        Batch = rows.Length;

        Tensor? Select(Tensor? held)
        {
            var selected = held?.index_select(0, index.to(held.device)).DetachFromDisposeScope();
            held?.Dispose();
            return selected;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
        History?.Dispose();
        Real?.Dispose();
        LastHidden?.Dispose();
    }

    /// <summary>Keeps the last hidden state for the surprise of the next token.</summary>
    internal void KeepLast(Tensor? hidden)
    {
        LastHidden?.Dispose();
        LastHidden = hidden?.DetachFromDisposeScope();
    }

    /// <summary>Begins a pass: makes room, and takes back what a pass that failed left in some layers.</summary>
    internal void Begin(int tokens, Tensor? real, KvPhase phase)
    {
        if (Policy is not null && real is not null && !IsPaddedOnTheLeft(real))
            throw new ArgumentException($"{Policy.Id}: prompts must be padded on the left.", nameof(real));
        Real?.Dispose();
        Real = real?.alias().DetachFromDisposeScope();
        foreach (var layer in _layers)
        {
            if (layer.Seen > Length)
                layer.Truncate(Length);
        }

        Policy?.BeforePass(this, Coming(tokens, real), phase != KvPhase.Step && !IsInPrompt);
        IsInPrompt = phase == KvPhase.PrefillChunk;
        var needed = Length + tokens;
        if (needed <= Capacity)
            return;
        Capacity = Math.Max(needed, 2 * Capacity);
        foreach (var layer in _layers.OfType<ContiguousLayerCache>().Where(layer => layer.IsPlain))
            layer.Reserve(Capacity - Length);
    }

    /// <summary>Counts the tokens that every layer has appended.</summary>
    internal void Advance(int tokens) => Length += tokens;

    private int[] Coming(int tokens, Tensor? real)
    {
        if (real is null)
            return [.. Enumerable.Repeat(tokens, Batch)];
        using var scope = NewDisposeScope();
        return [.. real.narrow(1, Length, tokens).sum(1).cpu().data<long>().Select(count => (int)count)];
    }

    private static bool IsPaddedOnTheLeft(Tensor real)
    {
        using var scope = NewDisposeScope();
        var later = real.shape[1] - 1;
        return later == 0 || real.narrow(1, 1, later).ge(real.narrow(1, 0, later)).all().item<bool>();
    }

    private ContiguousLayerCache Contiguous(int layer) =>
        _layers[layer] as ContiguousLayerCache
        ?? throw new InvalidOperationException($"Layer {layer} does not hold its entries as one buffer.");
}
