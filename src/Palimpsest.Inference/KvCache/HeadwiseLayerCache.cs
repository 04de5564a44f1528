namespace Palimpsest.Inference;

/// <summary>A layer whose heads hold different numbers of entries: a plain buffer until it is split, then a buffer of
/// its own for each group of heads, so that what a head does not hold takes no room.</summary>
internal sealed class HeadwiseLayerCache : LayerCache
{
    private ContiguousLayerCache? _plain;
    private List<(long[] Heads, ContiguousLayerCache Part)> _groups = [];

    /// <summary>An empty layer.</summary>
    public HeadwiseLayerCache(LayerShape shape)
        : this(shape, new ContiguousLayerCache(shape)) { }

    private HeadwiseLayerCache(LayerShape shape, ContiguousLayerCache? plain)
        : base(shape)
    {
        _plain = plain;
        if (plain is not null)
            Adopt(plain);
    }

    /// <inheritdoc/>
    public override int Batch => Parts.First().Batch;

    /// <inheritdoc/>
    public override int Seen => Parts.First().Seen;

    /// <inheritdoc/>
    public override bool IsPlain => _plain is { IsPlain: true };

    /// <inheritdoc/>
    public override KeyRotation Rotation => KeyRotation.Rotated;

    /// <inheritdoc/>
    public override KvBytes Bytes => new(LogicalBytes, Parts.Sum(part => part.Bytes.Physical));

    /// <summary>The groups; none as long as all heads hold the same.</summary>
    public IReadOnlyList<(long[] Heads, ContiguousLayerCache Part)> Groups => _groups;

    private IEnumerable<ContiguousLayerCache> Parts => _plain is null ? _groups.Select(group => group.Part) : [_plain];

    /// <summary>Gives groups of heads buffers of their own; nothing happens where it has been done.</summary>
    public void Split(IReadOnlyList<long[]> groups)
    {
        if (_plain is null)
            return;
        using var scope = NewDisposeScope();
        _groups =
        [
            .. groups.Select(heads => (heads, _plain.Part(0, _plain.Width, tensor(heads, device: Shape.Device)))),
        ];
        _plain.Dispose();
        _plain = null;
    }

    /// <inheritdoc/>
    public override void Append(Tensor keys, Tensor values, KvTokens? tokens = null)
    {
        if (_plain is not null)
        {
            _plain.Append(keys, values, tokens);
            return;
        }

        using var scope = NewDisposeScope();
        foreach (var (heads, part) in _groups)
        {
            var index = tensor(heads, device: keys.device);
            part.Append(keys.index_select(1, index), values.index_select(1, index), tokens);
        }
    }

    /// <inheritdoc/>
    public override (Tensor Keys, Tensor Values) Plain() =>
        _plain?.Plain() ?? throw new InvalidOperationException($"The heads of layer {Layer} hold different entries.");

    /// <inheritdoc/>
    public override IReadOnlyList<KvSegment> Read(Tensor? query = null) => [ReadAsOne()];

    /// <inheritdoc/>
    public override IReadOnlyList<HeadGroup>? ReadByHeads(Tensor? query = null) =>
        _plain is not null
            ? null
            : [.. _groups.Select(group => new HeadGroup(tensor(group.Heads), group.Part.Read(query)))];

    /// <inheritdoc/>
    public override KvSegment ReadAsOne()
    {
        if (_plain is not null)
            return _plain.ReadAsOne();
        using var scope = NewDisposeScope();
        var width = _groups.Max(group => group.Part.Width);
        var parts = _groups
            .Select(group => (Heads: tensor(group.Heads), Segment: group.Part.Read()[0], Count: group.Heads.Length))
            .ToArray();
        var counts = parts.Any(part => part.Segment.Counts is not null)
            ? Of(part => part.Counts ?? ones([1, 1, 1]), 1)
            : null;
        return new(Of(part => part.Keys, 0), Of(part => part.Values, 0))
        {
            Positions = Of(part => part.Positions, 0),
            Keep = Of(part => part.Keep ?? ones([1, 1, 1], ScalarType.Bool), 0),
            Counts = counts,
        };

        Tensor Of(Func<KvSegment, Tensor> take, int filling)
        {
            var first = take(parts[0].Segment);
            long[] shape = [Batch, Shape.Heads, width, .. first.shape[3..]];
            var all = full(shape, filling, first.dtype, first.device);
            foreach (var (heads, segment, count) in parts)
            {
                long[] own = [Batch, count, segment.Width, .. first.shape[3..]];
                var place = all.narrow(2, width - segment.Width, segment.Width); // the newest are last
                place.index_copy_(1, heads, take(segment).expand(own));
            }

            return all.MoveToOuterDisposeScope();
        }
    }

    /// <inheritdoc/>
    public override void Apply(KvEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (_plain is not null && edit.Index.shape[1] == 1)
        {
            _plain.Apply(edit);
            return;
        }

        using var scope = NewDisposeScope();
        Split([.. Enumerable.Range(0, Shape.Heads).Select(head => new[] { (long)head })]);
        var width = _groups.Max(group => group.Part.Width);
        long[] shape = [Batch, Shape.Heads, edit.Index.shape[2]];
        var index = edit.Index.expand(shape);
        var valid = (edit.Valid ?? ones([1, 1, 1], ScalarType.Bool)).expand(shape);
        foreach (var (heads, part) in _groups)
        {
            var some = tensor(heads, device: index.device);
            var columns = index.index_select(1, some) - (width - part.Width);
            part.Apply(EntrySelection.Compact(valid.index_select(1, some).logical_and(columns.ge(0)), columns));
        }
    }

    /// <inheritdoc/>
    public override LayerCache Fork(int copies = 1) =>
        new HeadwiseLayerCache(Shape, (ContiguousLayerCache?)_plain?.Fork(copies))
        {
            _groups = [.. _groups.Select(group => (group.Heads, (ContiguousLayerCache)group.Part.Fork(copies)))],
        };

    /// <inheritdoc/>
    public override void Truncate(int seen)
    {
        foreach (var part in Parts)
            part.Truncate(seen);
    }

    /// <inheritdoc/>
    public override void SelectRows(ReadOnlySpan<long> rows)
    {
        foreach (var part in Parts)
            part.SelectRows(rows);
    }

    /// <inheritdoc/>
    public override long Erase(int start, int end) => Parts.Sum(part => part.Erase(start, end));

    /// <inheritdoc/>
    public override long Holds(int start, int end) => Parts.Sum(part => part.Holds(start, end));

    /// <inheritdoc/>
    public override void Exchange(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Flag("whole", _plain is not null))
        {
            _plain!.Exchange(state);
            return;
        }

        var groups = state.Number("groups", _groups.Count, 1, Shape.Heads);
        long[][] heads =
        [
            .. Enumerable
                .Range(0, groups)
                .Select(group =>
                    state.Numbers(
                        $"heads {group}",
                        state.IsRestoring ? [] : _groups[group].Heads,
                        most: Shape.Heads - 1
                    )
                ),
        ];
        if (
            !heads
                .SelectMany(group => group)
                .Order()
                .SequenceEqual(Enumerable.Range(0, Shape.Heads).Select(h => (long)h))
        )
            throw state.Wrong("heads 0", "and the others do not name every head once");
        Split(heads);
        foreach (var (number, (_, part)) in _groups.Index())
            part.Exchange(state.Part($"group.{number}"));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var part in Parts)
            part.Dispose();
    }
}
