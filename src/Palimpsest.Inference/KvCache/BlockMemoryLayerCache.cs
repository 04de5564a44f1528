namespace Palimpsest.Inference;

/// <summary>The layer of <see cref="InfLlm"/>: a memory of blocks for each row, which attends chunk by chunk.</summary>
internal sealed class BlockMemoryLayerCache : LayerCache
{
    private readonly DecoderConfig _config;
    private readonly InfLlmOptions _options;
    private readonly PositionAngles _angles;
    private List<BlockMemoryRow> _rows;
    private int _seen;

    /// <summary>An empty layer.</summary>
    public BlockMemoryLayerCache(LayerShape shape, DecoderConfig config, InfLlmOptions options)
        : this(shape, config, options, [])
    {
        for (var row = 0; row < shape.Batch; row++)
            _rows.Add(new(options, shape, config.Heads));
    }

    private BlockMemoryLayerCache(
        LayerShape shape,
        DecoderConfig config,
        InfLlmOptions options,
        List<BlockMemoryRow> rows
    )
        : base(shape) => (_config, _options, _rows, _angles) = (config, options, rows, new(config, shape.Device));

    /// <inheritdoc/>
    public override int Batch => _rows.Count;

    /// <inheritdoc/>
    public override int Seen => _seen;

    /// <inheritdoc/>
    public override bool IsPlain => false;

    /// <inheritdoc/>
    public override KeyRotation Rotation => KeyRotation.Unrotated;

    /// <inheritdoc/>
    public override KvBytes Bytes =>
        new(LogicalBytes, _rows.Sum(row => row.Bytes.Hot)) { Cold = _rows.Sum(row => row.Bytes.Cold) };

    /// <summary>The rows.</summary>
    public IReadOnlyList<BlockMemoryRow> Rows => _rows;

    /// <inheritdoc/>
    public override void Append(Tensor keys, Tensor values, KvTokens? tokens = null) =>
        throw new InvalidOperationException("A memory of blocks takes tokens with the queries that ask for them.");

    /// <inheritdoc/>
    public override Tensor Attend(SegmentedAttention attention, SegmentedQuery query, Tensor keys, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(keys);
        using var scope = NewDisposeScope();
        var count = (int)keys.shape[2];
        var output = zeros([Batch, count, _config.Heads * Shape.HeadSize], device: keys.device);
        var positions = query.Positions.expand(Batch, count).cpu().contiguous().data<long>().ToArray();
        var real = query.Real?.cpu().contiguous().data<bool>().ToArray();
        for (var row = 0; row < Batch; row++)
        {
            int[] columns = [.. Enumerable.Range(0, count).Where(c => real is null || real[row * count + c])];
            for (var start = 0; start < columns.Length; start += _options.Chunk)
            {
                using var part = NewDisposeScope();
                int[] chunk = [.. columns.Skip(start).Take(_options.Chunk)];
                var places = new EntryPlaces();
                places.Add(chunk.Select(c => (int)positions[row * count + c]), chunk.Select(c => _seen + c));
                var (first, length) = (chunk[0], chunk.Length); // padding is on the left: real tokens are neighbours
                var read = _rows[row]
                    .Read(
                        attention,
                        _angles,
                        query.Unrotated[row].narrow(1, first, length),
                        stack([keys[row].narrow(1, first, length), values[row].narrow(1, first, length)], 0),
                        places
                    );
                output[row].narrow(0, first, length).copy_(read[0]);
            }
        }

        _seen += count;
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override (Tensor Keys, Tensor Values) Plain() =>
        throw new InvalidOperationException($"Layer {Layer} is a memory of blocks.");

    /// <inheritdoc/>
    public override IReadOnlyList<KvSegment> Read(Tensor? query = null) => [ReadAsOne()];

    /// <inheritdoc/>
    public override KvSegment ReadAsOne()
    {
        using var scope = NewDisposeScope();
        var width = Math.Max(1, _rows.Max(row => row.Length));
        var entries = zeros([Batch, 2, Shape.Heads, width, Shape.HeadSize], device: Shape.Device);
        var positions = zeros([Batch, 1, width], ScalarType.Int64, Shape.Device);
        var keep = zeros([Batch, 1, width], ScalarType.Bool, Shape.Device);
        foreach (var (number, row) in _rows.Index())
        {
            var (all, places) = row.All();
            if (all is null)
                continue;
            var start = width - places.Length;
            entries[number].narrow(2, start, places.Length).copy_(all);
            positions[number]
                [0]
                .narrow(0, start, places.Length)
                .copy_(tensor(places.Positions.Select(position => (long)position).ToArray()));
            keep[number][0].narrow(0, start, places.Length).fill_(true);
        }

        return new(
            entries.select(1, 0).contiguous().MoveToOuterDisposeScope(),
            entries.select(1, 1).contiguous().MoveToOuterDisposeScope()
        )
        {
            Positions = positions.MoveToOuterDisposeScope(),
            Keep = keep.MoveToOuterDisposeScope(),
            Rotation = KeyRotation.Unrotated,
            Mode = PositionMode.CacheRelative,
        };
    }

    /// <inheritdoc/>
    public override void Apply(KvEdit edit) =>
        throw new InvalidOperationException("A memory of blocks drops nothing that another policy could choose.");

    /// <inheritdoc/>
    public override LayerCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        using var grad = no_grad();
        List<BlockMemoryRow> rows = [.. _rows.SelectMany(row => Enumerable.Range(0, copies).Select(_ => row.Clone()))];
        return new BlockMemoryLayerCache(Shape, _config, _options, rows) { _seen = _seen };
    }

    /// <inheritdoc/>
    public override void Truncate(int seen)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seen);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seen, _seen);
        if (seen == _seen)
            return;
        using var grad = no_grad();
        foreach (var row in _rows)
            row.Drop(token => token >= seen);
        _seen = seen;
    }

    /// <inheritdoc/>
    public override void SelectRows(ReadOnlySpan<long> rows)
    {
        using var grad = no_grad();
        var old = _rows;
        _rows = [];
        foreach (var row in rows)
            _rows.Add(old[(int)row].Clone());
        old.ForEach(row => row.Dispose());
    }

    /// <inheritdoc/>
    public override long Erase(int start, int end)
    {
        using var grad = no_grad();
        var dropped = Holds(start, end);
        foreach (var row in _rows)
            row.Drop(token => token >= start && token < end);
        return dropped;
    }

    /// <inheritdoc/>
    public override long Holds(int start, int end) => _rows.Sum(row => (long)row.Holds(start, end)) * Shape.Heads;

    /// <inheritdoc/>
    public override void Exchange(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _seen = state.Number("seen", _seen);
        foreach (var (number, row) in _rows.Index())
            row.Exchange(state.Part($"row.{number}"), _seen);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _rows.ForEach(row => row.Dispose());
        _angles.Dispose();
    }
}
