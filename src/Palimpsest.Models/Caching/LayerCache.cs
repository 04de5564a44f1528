namespace Palimpsest.Models;

/// <summary>Keys and values of one layer.</summary>
/// <remarks>
/// Tokens <see cref="Seen"/> count what was appended and shrink only where <see cref="Truncate"/> takes tokens back;
/// entries held may be fewer and may differ from head to head and from row to row.
/// </remarks>
/// <param name="shape">Sizes.</param>
public abstract class LayerCache(LayerShape shape) : IDisposable
{
    /// <summary>Sizes as they were at first; the rows may be others now.</summary>
    public LayerShape Shape { get; } = shape;

    /// <summary>The layer, from 0.</summary>
    public int Layer => Shape.Layer;

    /// <summary>Rows.</summary>
    public abstract int Batch { get; }

    /// <summary>Tokens appended per row, padding included.</summary>
    public abstract int Seen { get; }

    /// <summary>
    /// True when every token seen is held, in order, in contiguous rotated buffers, which the dense kernels read:
    /// bit for bit the attention without any policy.
    /// </summary>
    public abstract bool IsPlain { get; }

    /// <summary>How appended keys have to come.</summary>
    public abstract KeyRotation Rotation { get; }

    /// <summary>What is held.</summary>
    public abstract KvBytes Bytes { get; }

    /// <summary>What a policy keeps of each row beside its entries.</summary>
    public LayerNotes Notes { get; internal set; } = new();

    /// <summary>Adds a pass's keys and values [B, Hkv, T, Dh] float32.</summary>
    /// <param name="keys">Rotated or not, as <see cref="Rotation"/> says.</param>
    /// <param name="values">Of the same shape.</param>
    /// <param name="tokens">Whose they are; may be null as long as the layer is plain.</param>
    public abstract void Append(Tensor keys, Tensor values, KvTokens? tokens = null);

    /// <summary>Attends by itself, and adds the pass's keys and values on the way: for layers that choose what is read
    /// part by part of a pass. It takes the place of <see cref="Append"/>, <see cref="Read"/> and what reads
    /// them.</summary>
    /// <param name="attention">Attends to segments.</param>
    /// <param name="query">The pass's queries.</param>
    /// <param name="keys">[B, Hkv, T, Dh], as <see cref="Rotation"/> says.</param>
    /// <param name="values">Of the same shape.</param>
    /// <returns>[B, T, H·Dh] float32; null where the layer does not.</returns>
    public virtual Tensor? Attend(SegmentedAttention attention, SegmentedQuery query, Tensor keys, Tensor values) =>
        null;

    /// <summary>Views of the keys and values of all tokens seen [B, Hkv, Seen, Dh]; the caller disposes them.</summary>
    /// <exception cref="InvalidOperationException">The layer is not plain.</exception>
    public abstract (Tensor Keys, Tensor Values) Plain();

    /// <summary>The entries that attention reads; the caller disposes the tensors, best by a scope.</summary>
    /// <param name="query">Queries [B, H, T, Dh] that ask, unrotated; null for what does not depend on them.</param>
    public abstract IReadOnlyList<KvSegment> Read(Tensor? query = null);

    /// <summary>What attention reads of heads that hold different numbers of entries, group by group; null where
    /// <see cref="Read"/> says it of all heads.</summary>
    /// <param name="query">As for <see cref="Read"/>.</param>
    public virtual IReadOnlyList<HeadGroup>? ReadByHeads(Tensor? query = null) => null;

    /// <summary>All entries as one segment, for policies; <see cref="KvEdit"/> counts its columns. Channels that were
    /// taken out are 0.</summary>
    public virtual KvSegment ReadAsOne() => Read()[0];

    /// <summary>Keeps some entries and frees the others.</summary>
    public abstract void Apply(KvEdit edit);

    /// <summary>An independent copy, each row repeated.</summary>
    public abstract LayerCache Fork(int copies = 1);

    /// <summary>Takes back the tokens from <paramref name="seen"/> on; entries dropped before do not come
    /// back.</summary>
    public abstract void Truncate(int seen);

    /// <summary>Keeps the rows that are named, in that order.</summary>
    public abstract void SelectRows(ReadOnlySpan<long> rows);

    /// <summary>Drops the entries of the tokens from <paramref name="start"/> to before <paramref name="end"/> and
    /// overwrites their bytes with zeros.</summary>
    /// <returns>Entries dropped, summed over rows and heads.</returns>
    public abstract long Erase(int start, int end);

    /// <summary>Entries that have anything of the tokens from <paramref name="start"/> to before
    /// <paramref name="end"/>, summed over rows and heads.</summary>
    public abstract long Holds(int start, int end);

    /// <summary>Gives everything that is held to a state, or takes what a state restores; the layer is empty
    /// then.</summary>
    /// <exception cref="InputException">What is restored is nothing that the layer could hold.</exception>
    public abstract void Exchange(KvState state);

    /// <inheritdoc/>
    public void Dispose()
    {
        Late?.Dispose();
        Notes.Dispose();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The cache that this is a layer of; null for a layer by itself.</summary>
    internal KvCache? Owner { get; set; }

    /// <summary>The last queries of the parts of a prompt that were read so far, where a policy observes
    /// them.</summary>
    internal LateQueries? Late { get; set; }

    /// <summary>Real tokens among those seen [B, Seen] bool; null when all are.</summary>
    protected Tensor? Real => Whole.Owner?.Real?.narrow(1, 0, Seen);

    /// <summary>Lets a layer in which this one keeps its entries read the padding of this one's rows.</summary>
    protected void Adopt(LayerCache part)
    {
        ArgumentNullException.ThrowIfNull(part);
        part.Whole = this;
    }

    /// <summary>The layer that the cache knows: this one, or the one that keeps its entries in it.</summary>
    internal LayerCache Whole
    {
        get => field ?? this;
        private set;
    }

    /// <summary>Bytes of all tokens seen in float32.</summary>
    protected long LogicalBytes => 2L * Batch * Shape.Heads * Seen * Shape.HeadSize * sizeof(float);

    /// <summary>Frees the tensors.</summary>
    protected abstract void Dispose(bool disposing);
}
