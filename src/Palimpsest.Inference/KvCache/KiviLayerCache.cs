namespace Palimpsest.Inference;

/// <summary>The layer of <see cref="Kivi"/>: a plain buffer until something is quantised, then rows of codes.</summary>
/// <remarks>Each row has groups of its own, so that a row's codes do not depend on the rows beside it.</remarks>
internal sealed class KiviLayerCache : LayerCache
{
    private readonly KiviOptions _options;
    private ContiguousLayerCache? _plain;
    private List<KiviRow> _rows = [];
    private int _seen;

    /// <summary>An empty layer.</summary>
    public KiviLayerCache(LayerShape shape, KiviOptions options)
        : this(shape, options, new ContiguousLayerCache(shape)) { }

    private KiviLayerCache(LayerShape shape, KiviOptions options, ContiguousLayerCache? plain)
        : base(shape)
    {
        (_options, _plain) = (options, plain);
        if (plain is not null)
            Adopt(plain);
    }

    /// <inheritdoc/>
    public override int Batch => _plain?.Batch ?? _rows.Count;

    /// <inheritdoc/>
    public override int Seen => _plain?.Seen ?? _seen;

    /// <inheritdoc/>
    public override bool IsPlain => _plain is { IsPlain: true };

    /// <inheritdoc/>
    public override KeyRotation Rotation => KeyRotation.Rotated;

    /// <summary>The rows; none as long as nothing was quantised.</summary>
    public IReadOnlyList<KiviRow> Rows => _rows;

    /// <inheritdoc/>
    public override KvBytes Bytes
    {
        get
        {
            if (_plain is not null)
                return _plain.Bytes;
            var physical = _rows.Sum(row => row.Bytes);
            return new(LogicalBytes, physical);
        }
    }

    /// <inheritdoc/>
    public override void Append(Tensor keys, Tensor values, KvTokens? tokens = null)
    {
        if (_plain is not null)
        {
            _plain.Append(keys, values, tokens);
            return;
        }

        ArgumentNullException.ThrowIfNull(tokens);
        using var scope = NewDisposeScope();
        var count = (int)keys.shape[2];
        var places = arange(_seen, _seen + count, device: keys.device);
        for (var row = 0; row < _rows.Count; row++)
        {
            var positions = tokens.Positions[tokens.Positions.shape[0] == 1 ? 0 : row];
            var index = tokens.Real is { } real ? real[row].nonzero().view(-1) : arange(count, device: keys.device);
            using var marks = new KiviMarks(
                positions.index_select(0, index).unsqueeze(0),
                places.index_select(0, index).unsqueeze(0),
                ones([1, index.shape[0]], ScalarType.Bool, device: keys.device)
            );
            _rows[row].Append(keys[row].index_select(1, index), values[row].index_select(1, index), marks);
        }

        _seen += count;
    }

    /// <inheritdoc/>
    public override (Tensor Keys, Tensor Values) Plain() =>
        _plain?.Plain() ?? throw new InvalidOperationException($"Layer {Layer} is quantised.");

    /// <summary>Turns into codes what has left the residuals.</summary>
    public void Quantize()
    {
        if (_plain is not null && !LeavesResidual(_plain))
            return;
        using var grad = no_grad();
        Split(null);
        foreach (var row in _rows)
            row.Quantize();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KvSegment> Read(Tensor? query = null)
    {
        if (_plain is not null)
            return _plain.Read(query);
        using var scope = NewDisposeScope();
        var width = _rows.Max(row => row.Length);
        var entries = _rows.Select(row => row.Decode()).ToArray();
        var heads = _rows.Max(row => row.Marks.Keep.shape[0]);
        var keep = Together(_rows.Select(row => row.Marks.Keep), width, heads);
        var segment = new KvSegment(
            Together(entries.Select(row => row.Keys), width, Shape.Heads).MoveToOuterDisposeScope(),
            Together(entries.Select(row => row.Values), width, Shape.Heads).MoveToOuterDisposeScope()
        )
        {
            Positions = Together(_rows.Select(row => row.Marks.Positions), width, heads)
                .to(ScalarType.Int64)
                .MoveToOuterDisposeScope(),
            Keep = keep.all().item<bool>() ? null : keep.MoveToOuterDisposeScope(),
        };
        return [segment];
    }

    /// <inheritdoc/>
    public override void Apply(KvEdit edit)
    {
        if (_plain is not null)
        {
            _plain.Apply(edit);
            return;
        }

        ArgumentNullException.ThrowIfNull(edit);
        Split(edit);
    }

    /// <inheritdoc/>
    public override LayerCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        return new KiviLayerCache(Shape, _options, (ContiguousLayerCache?)_plain?.Fork(copies))
        {
            _rows = [.. _rows.SelectMany(row => Enumerable.Range(0, copies).Select(_ => row.Clone()))],
            _seen = _seen,
        };
    }

    /// <inheritdoc/>
    public override void Truncate(int seen)
    {
        if (_plain is not null)
        {
            _plain.Truncate(seen);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(seen);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seen, _seen);
        using var scope = NewDisposeScope();
        var all = true;
        foreach (var row in _rows)
        {
            var stays = row.Marks.Tokens.lt(seen);
            var (some, every) = (stays.any(0).sum().item<long>(), stays.all(0).sum().item<long>());
            all &= some == every && row.TryTakeBack(row.Length - some);
        }

        if (!all)
            KeepWhere(tokens => tokens.lt(seen), erases: false);
        _seen = seen;
    }

    /// <inheritdoc/>
    public override void SelectRows(ReadOnlySpan<long> rows)
    {
        if (_plain is not null)
        {
            _plain.SelectRows(rows);
            return;
        }

        var old = _rows;
        _rows = [];
        foreach (var row in rows)
            _rows.Add(old[(int)row].Clone());
        old.ForEach(row => row.Dispose());
    }

    /// <inheritdoc/>
    public override long Erase(int start, int end)
    {
        if (_plain is not null)
            return _plain.Erase(start, end);
        var dropped = Holds(start, end);
        if (dropped > 0)
            KeepWhere(tokens => tokens.lt(start).logical_or(tokens.ge(end)), erases: true);
        return dropped;
    }

    /// <inheritdoc/>
    public override long Holds(int start, int end)
    {
        if (_plain is not null)
            return _plain.Holds(start, end);
        using var scope = NewDisposeScope();
        return _rows.Sum(row =>
        {
            var inside = row.Marks.Tokens.ge(start).logical_and(row.Marks.Tokens.lt(end)).logical_and(row.Marks.Keep);
            return inside.sum().item<long>() * (Shape.Heads / inside.shape[0]);
        });
    }

    /// <inheritdoc/>
    public override void Exchange(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Flag("whole", _plain is not null))
        {
            _plain!.Exchange(state);
            return;
        }

        _seen = state.Number("seen", _seen);
        for (var row = 0; row < Shape.Batch && state.IsRestoring; row++)
            _rows.Add(KiviRow.Empty(_options, Shape));
        foreach (var (number, row) in _rows.Index())
            row.Exchange(state.Part($"row.{number}"), Shape, _seen);
        if (!state.IsRestoring)
            return;
        _plain?.Dispose();
        _plain = null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _plain?.Dispose();
        _rows.ForEach(row => row.Dispose());
    }

    private bool LeavesResidual(ContiguousLayerCache plain)
    {
        if (plain.Width < _options.Residual)
            return false;
        using var scope = NewDisposeScope();
        return EntrySelection.Held(plain.Read()[0]).Any(held => held >= _options.Residual);
    }

    /// <summary>Drops entries of some tokens; what was a code is in float32 until it is quantised again.</summary>
    private void KeepWhere(Func<Tensor, Tensor> stays, bool erases)
    {
        using var scope = NewDisposeScope();
        var heads = _rows.Max(row => row.Marks.Keep.shape[0]);
        var width = _rows.Max(row => row.Length);
        var tokens = Together(_rows.Select(row => row.Marks.Tokens), width, heads);
        var index = arange(width).expand(_rows.Count, heads, width);
        var old = _rows;
        Split(new(index, stays(tokens)), disposes: false);
        foreach (var row in old)
        {
            if (erases)
                row.Zero();
            row.Dispose();
        }
    }

    /// <summary>Makes rows of what is held, or of a choice of it, all in float32; the plain buffer goes.</summary>
    private void Split(KvEdit? edit, bool disposes = true)
    {
        if (_plain is null && edit is null)
            return;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var segment = Read()[0];
        var tokens =
            _plain?.Tokens()
            ?? Together(_rows.Select(row => row.Marks.Tokens), segment.Width, segment.Positions.shape[1]);
        var heads = Math.Max(edit?.Index.shape[1] ?? 1, tokens.shape[1]);
        heads = Math.Max(heads, segment.Keep?.shape[1] ?? 1);
        var all = arange(segment.Width).view(1, 1, -1);
        var index = (edit?.Index ?? all).expand(Batch, heads, -1);
        var keep = (segment.Keep ?? ones([1, 1, 1], ScalarType.Bool))
            .expand(Batch, heads, segment.Width)
            .gather(2, index);
        if (edit?.Valid is { } valid)
            keep = keep.logical_and(valid);
        var positions = segment.Positions.expand(Batch, heads, segment.Width).gather(2, index);
        tokens = tokens.to(ScalarType.Int64).expand(Batch, heads, segment.Width).gather(2, index);
        var wide = index.expand(Batch, Shape.Heads, -1).unsqueeze(3).expand(-1, -1, -1, Shape.HeadSize);
        var (keys, values) = (segment.Keys.gather(2, wide), segment.Values.gather(2, wide));
        var rows = new List<KiviRow>();
        for (var row = 0; row < Batch; row++)
        {
            var used = keep[row].any(0).nonzero().view(-1);
            rows.Add(
                new(
                    _options,
                    keys[row].index_select(1, used),
                    values[row].index_select(1, used),
                    new(Of(positions), Of(tokens), Of(keep))
                )
            );

            Tensor Of(Tensor marks) => marks[row].index_select(1, used);
        }

        _seen = Seen;
        if (disposes)
            _rows.ForEach(row => row.Dispose());
        _plain?.Dispose();
        (_plain, _rows) = (null, rows);
    }

    /// <summary>Rows [heads or 1, n, ...] side by side, the shorter filled up in front: [B, heads, width,
    /// ...].</summary>
    private static Tensor Together(IEnumerable<Tensor> rows, long width, long heads)
    {
        var filled = rows.Select(row =>
        {
            long[] shape = [.. row.shape];
            shape[0] = heads;
            var wide = row.expand(shape);
            shape[1] = width - shape[1];
            return shape[1] == 0 ? wide : cat([zeros(shape, row.dtype, row.device), wide], 1);
        });
        return stack([.. filled], 0);
    }
}
