namespace Palimpsest.Inference;

/// <summary>The layer of <see cref="Think"/>: a plain buffer until channels go, then older entries with narrower keys
/// and the newest in full.</summary>
internal sealed class ThinLayerCache : LayerCache
{
    private List<ContiguousLayerCache> _old = []; // one a prompt, all with the same channels
    private ContiguousLayerCache _recent;
    private Tensor? _channels;

    /// <summary>An empty layer.</summary>
    public ThinLayerCache(LayerShape shape)
        : this(shape, new ContiguousLayerCache(shape)) { }

    private ThinLayerCache(LayerShape shape, ContiguousLayerCache recent)
        : base(shape)
    {
        _recent = recent;
        Adopt(recent);
    }

    /// <inheritdoc/>
    public override int Batch => _recent.Batch;

    /// <inheritdoc/>
    public override int Seen => _recent.Seen;

    /// <inheritdoc/>
    public override bool IsPlain => _old.Count == 0 && _recent.IsPlain;

    /// <inheritdoc/>
    public override KeyRotation Rotation => KeyRotation.Rotated;

    /// <summary>Channels that the keys of older entries have [B, Hkv, C] int64; null as long as all do.</summary>
    public Tensor? Channels => _channels;

    /// <inheritdoc/>
    public override KvBytes Bytes
    {
        get
        {
            var channels = _channels is null ? 0 : _channels.NumberOfElements * _channels.ElementSize;
            return new(LogicalBytes, _recent.Bytes.Physical + _old.Sum(part => part.Bytes.Physical) + channels);
        }
    }

    private IEnumerable<ContiguousLayerCache> Parts => _old.Append(_recent);

    /// <summary>Takes channels from all entries but the newest.</summary>
    /// <param name="recent">Entries that keep all.</param>
    /// <param name="choose">Gives the channels that stay [B, Hkv, C] int64, where they are not chosen yet.</param>
    public void Thin(int recent, Func<Tensor> choose)
    {
        var count = _recent.Width - recent;
        if (count <= 0)
            return;
        using var scope = NewDisposeScope();
        _channels ??= choose().DetachFromDisposeScope();
        _old.Add(_recent.Part(0, count, channels: _channels));
        Replace(_recent.Part(count, recent));
    }

    /// <inheritdoc/>
    public override void Append(Tensor keys, Tensor values, KvTokens? tokens = null) =>
        _recent.Append(keys, values, tokens);

    /// <inheritdoc/>
    public override (Tensor Keys, Tensor Values) Plain() =>
        _old.Count == 0 ? _recent.Plain() : throw new InvalidOperationException($"Layer {Layer} has lost channels.");

    /// <inheritdoc/>
    public override IReadOnlyList<KvSegment> Read(Tensor? query = null)
    {
        if (_old.Count == 0)
            return _recent.Read(query);
        var old = _old.Where(part => part.Width > 0)
            .Select(part => part.Read(query)[0] with { Channels = _channels!.alias() });
        return _recent.Width > 0 ? [.. old, .. _recent.Read(query)] : [.. old];
    }

    /// <inheritdoc/>
    public override KvSegment ReadAsOne()
    {
        if (_old.Count == 0)
            return _recent.ReadAsOne();
        using var scope = NewDisposeScope();
        var one = KvSegments.Joined([.. Parts.Select(part => Whole(part.Read()[0]))]);
        foreach (var tensor in new[] { one.Keys, one.Values, one.Positions, one.Keep }.OfType<Tensor>())
            tensor.MoveToOuterDisposeScope();
        return one;

        KvSegment Whole(KvSegment segment) =>
            segment.Keys.shape[3] == Shape.HeadSize
                ? segment
                : segment with
                {
                    Keys = zeros([Batch, Shape.Heads, segment.Width, Shape.HeadSize], device: segment.Keys.device)
                        .scatter(3, _channels!.unsqueeze(2).expand(-1, -1, segment.Width, -1), segment.Keys),
                };
    }

    /// <inheritdoc/>
    public override void Apply(KvEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (_old.Count == 0)
        {
            _recent.Apply(edit);
            return;
        }

        using var scope = NewDisposeScope();
        var start = 0;
        foreach (var part in Parts)
        {
            var (first, width) = (start, part.Width);
            var inside = edit.Index.ge(first).logical_and(edit.Index.lt(first + width));
            if (edit.Valid is { } valid)
                inside = inside.logical_and(valid);
            part.Apply(EntrySelection.Compact(inside, edit.Index - first));
            start += width;
        }
    }

    /// <inheritdoc/>
    public override LayerCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return new ThinLayerCache(Shape, (ContiguousLayerCache)_recent.Fork(copies))
        {
            _old = [.. _old.Select(part => (ContiguousLayerCache)part.Fork(copies))],
            _channels = _channels?.repeat_interleave(copies, 0).DetachFromDisposeScope(),
        };
    }

    /// <inheritdoc/>
    public override void Truncate(int seen)
    {
        foreach (var part in Parts)
            part.Truncate(Math.Min(seen, part.Seen));
    }

    /// <inheritdoc/>
    public override void SelectRows(ReadOnlySpan<long> rows)
    {
        foreach (var part in Parts)
            part.SelectRows(rows);
        if (_channels is not { } channels)
            return;
        using var scope = NewDisposeScope();
        _channels = channels.index_select(0, tensor(rows.ToArray(), device: channels.device)).DetachFromDisposeScope();
        channels.Dispose();
    }

    /// <inheritdoc/>
    public override long Erase(int start, int end) => Parts.Sum(part => part.Erase(start, end));

    /// <inheritdoc/>
    public override long Holds(int start, int end) => Parts.Sum(part => part.Holds(start, end));

    /// <inheritdoc/>
    public override void Exchange(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        _recent.Exchange(state);
        var parts = state.Number("thin parts", _old.Count, 0, 1 << 16);
        if (parts == 0)
            return;
        var channels = state.Tensor("channels", _channels, ScalarType.Int64, Batch, Shape.Heads, -1);
        state.RequireWithin("channels", channels, 0, Shape.HeadSize - 1);
        var shape = Shape with { KeySize = (int)channels.shape[2], Capacity = 1 };
        if (state.IsRestoring)
            _channels = channels.to(Shape.Device).DetachFromDisposeScope();
        for (var part = 0; part < parts; part++)
        {
            if (state.IsRestoring)
                _old.Add(new(shape));
            _old[part].Exchange(state.Part($"thin.{part}"));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var part in Parts)
            part.Dispose();
        _channels?.Dispose();
    }

    private void Replace(ContiguousLayerCache recent)
    {
        _recent.Dispose();
        _recent = recent;
        Adopt(recent);
    }
}
