namespace Palimpsest.Inference;

/// <summary>The layer of <see cref="MiKv"/>: codes of what matters less, and a buffer of the rest in float32.</summary>
internal sealed class MiKvLayerCache : LayerCache
{
    private readonly ContiguousLayerCache _important;
    private CodeStore _codes;
    private Tensor? _balance;

    /// <summary>An empty layer; the codes belong to it from now on.</summary>
    public MiKvLayerCache(LayerShape shape, CodeStore codes)
        : this(shape, codes, new ContiguousLayerCache(shape)) { }

    private MiKvLayerCache(LayerShape shape, CodeStore codes, ContiguousLayerCache important)
        : base(shape)
    {
        (_important, _codes) = (important, codes);
        Adopt(important);
    }

    /// <inheritdoc/>
    public override int Batch => _important.Batch;

    /// <inheritdoc/>
    public override int Seen => _important.Seen;

    /// <inheritdoc/>
    public override bool IsPlain => _codes.Length == 0 && _important.IsPlain;

    /// <inheritdoc/>
    public override KeyRotation Rotation => KeyRotation.Rotated;

    /// <inheritdoc/>
    public override KvBytes Bytes =>
        new(LogicalBytes, _important.Bytes.Physical + _codes.Bytes + (_balance?.NumberOfElements ?? 0) * sizeof(float));

    /// <summary>Entries held as codes, holes included.</summary>
    public int Codes => _codes.Length;

    /// <summary>What keys are multiplied by before they become codes [B, Hkv, 1, Dh]; null for nothing.</summary>
    public Tensor? Balance => _balance;

    /// <summary>Entries that count per row.</summary>
    public IReadOnlyList<int> Held()
    {
        using var scope = NewDisposeScope();
        return EntrySelection.Held(ReadAsOne());
    }

    /// <summary>Adds attention [B, Hkv, S] to that of the entries in full; of codes it decides nothing any
    /// more.</summary>
    public void AddScores(Tensor sums)
    {
        using var scope = NewDisposeScope();
        var own = sums.narrow(2, _codes.Length, _important.Width);
        _important.Scores = _important.Scores is { } old ? old + own : own.clone();
    }

    /// <summary>Fixes the balance from the largest of the prompt's queries in each channel [B, Hkv, Dh].</summary>
    public void SetBalance(Tensor largestQuery)
    {
        using var scope = NewDisposeScope();
        var segment = _important.Read()[0];
        var keys = segment.Keep is { } keep ? segment.Keys * keep.unsqueeze(-1) : segment.Keys;
        var largest = keys.abs().amax([2]).clamp(min: 1e-8);
        _balance = (largestQuery.clamp(min: 1e-8) / largest).sqrt().unsqueeze(2).DetachFromDisposeScope();
    }

    /// <summary>Makes codes of what exceeds each row's budget in full.</summary>
    public void Demote(IReadOnlyList<RowBudget> budgets)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var segment = _important.Read()[0];
        var held = EntrySelection.Held(segment);
        int[] leaving = [.. held.Zip(budgets, (row, budget) => Math.Max(0, row - budget.Entries))];
        if (leaving.Max() == 0)
            return;
        var (batch, heads, width) = (segment.Keys.shape[0], segment.Keys.shape[1], segment.Width);
        var columns = arange(width, device: segment.Keys.device);
        var recent = tensor(budgets.Select(budget => (long)budget.Recent).ToArray(), device: columns.device)
            .view(-1, 1, 1);
        var scores = _important.Scores!.masked_fill(columns >= width - recent, double.PositiveInfinity);
        int[] counts = [.. held.Zip(leaving, (row, gone) => row - gone)];
        var edit = EntrySelection.Best(scores, segment, counts);
        var counted = (segment.Keep ?? ones([1, 1, 1], ScalarType.Bool)).expand(batch, heads, width);
        var goes = EntrySelection.PlacesOf(edit, width).lt(0).expand(batch, heads, width).logical_and(counted);
        var gone = EntrySelection.Compact(goes, columns.expand(batch, heads, width));
        var wide = gone.Index.unsqueeze(-1).expand(-1, -1, -1, Shape.HeadSize);
        var keys = segment.Keys.gather(2, wide);
        _codes.Append(
            _balance is null ? keys : keys * _balance,
            segment.Values.gather(2, wide),
            (Of(segment.Positions), Of(_important.Tokens()), gone.Valid!.expand_as(gone.Index))
        );
        _important.Apply(edit);

        Tensor Of(Tensor marks) => marks.expand(batch, heads, width).gather(2, gone.Index);
    }

    /// <inheritdoc/>
    public override void Append(Tensor keys, Tensor values, KvTokens? tokens = null) =>
        _important.Append(keys, values, tokens);

    /// <inheritdoc/>
    public override (Tensor Keys, Tensor Values) Plain() =>
        _codes.Length == 0
            ? _important.Plain()
            : throw new InvalidOperationException($"Layer {Layer} holds entries as codes.");

    /// <inheritdoc/>
    public override IReadOnlyList<KvSegment> Read(Tensor? query = null)
    {
        if (_codes.Length == 0)
            return _important.Read(query);
        var important = _important.Width > 0 ? _important.Read(query) : [];
        using var scope = NewDisposeScope();
        var (keys, values) = _codes.Decode();
        var coded = new KvSegment(
            (_balance is null ? keys : keys / _balance).MoveToOuterDisposeScope(),
            values.MoveToOuterDisposeScope()
        )
        {
            Positions = _codes.Positions.to(ScalarType.Int64).MoveToOuterDisposeScope(),
            Keep = _codes.Keep.MoveToOuterDisposeScope(),
        };
        return [coded, .. important];
    }

    /// <inheritdoc/>
    public override KvSegment ReadAsOne()
    {
        using var scope = NewDisposeScope();
        var one = KvSegments.Joined(Read());
        foreach (var tensor in new[] { one.Keys, one.Values, one.Positions, one.Keep }.OfType<Tensor>())
            tensor.MoveToOuterDisposeScope();
        return one;
    }

    /// <inheritdoc/>
    public override void Apply(KvEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (_codes.Length == 0)
        {
            _important.Apply(edit);
            return;
        }

        using var scope = NewDisposeScope();
        long[] shape = [Batch, Shape.Heads, edit.Index.shape[2]];
        var index = edit.Index.expand(shape);
        var valid = (edit.Valid ?? ones([1, 1, 1], ScalarType.Bool)).expand(shape);
        var isCode = index.lt(_codes.Length);
        var columns = index - _codes.Length;
        _important.Apply(EntrySelection.Compact(valid.logical_and(isCode.logical_not()), columns));
        Replace(_codes.Select(EntrySelection.Compact(valid.logical_and(isCode), index)));
    }

    /// <inheritdoc/>
    public override LayerCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return new MiKvLayerCache(
            Shape,
            _codes.Map(part => part.repeat_interleave(copies, 0)),
            (ContiguousLayerCache)_important.Fork(copies)
        )
        {
            _balance = _balance?.repeat_interleave(copies, 0).DetachFromDisposeScope(),
        };
    }

    /// <inheritdoc/>
    public override void Truncate(int seen)
    {
        _important.Truncate(seen);
        if (_codes.Length > 0)
            KeepWhere(tokens => tokens.lt(seen), erases: false);
    }

    /// <inheritdoc/>
    public override void SelectRows(ReadOnlySpan<long> rows)
    {
        _important.SelectRows(rows);
        using var scope = NewDisposeScope();
        var index = tensor(rows.ToArray(), device: Shape.Device);
        Replace(_codes.Map(part => part.index_select(0, index)));
        if (_balance is not { } balance)
            return;
        _balance = balance.index_select(0, index).DetachFromDisposeScope();
        balance.Dispose();
    }

    /// <inheritdoc/>
    public override long Erase(int start, int end)
    {
        var dropped = Holds(start, end);
        var full = _important.Erase(start, end);
        if (dropped > full)
            KeepWhere(tokens => tokens.lt(start).logical_or(tokens.ge(end)), erases: true);
        return dropped;
    }

    /// <inheritdoc/>
    public override long Holds(int start, int end)
    {
        var held = _important.Holds(start, end);
        if (_codes.Length == 0)
            return held;
        using var scope = NewDisposeScope();
        return held
            + _codes.Tokens.ge(start).logical_and(_codes.Tokens.lt(end)).logical_and(_codes.Keep).sum().item<long>();
    }

    /// <inheritdoc/>
    public override void Exchange(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        _important.Exchange(state);
        _codes.Exchange(state.Part("codes"), Shape with { Batch = Batch }, Seen);
        var balance = state.TensorOrNull(
            "balance",
            _balance,
            ScalarType.Float32,
            Batch,
            Shape.Heads,
            1,
            Shape.HeadSize
        );
        if (state.IsRestoring)
            _balance = balance?.to(Shape.Device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _important.Dispose();
        _codes.Dispose();
        _balance?.Dispose();
    }

    private void KeepWhere(Func<Tensor, Tensor> stays, bool erases)
    {
        using var scope = NewDisposeScope();
        var columns = arange(_codes.Length, device: Shape.Device).expand(Batch, Shape.Heads, _codes.Length);
        var inside = stays(_codes.Tokens).logical_and(_codes.Keep);
        var left = _codes.Select(EntrySelection.Compact(inside, columns));
        if (erases)
            _codes.Zero();
        Replace(left);
    }

    private void Replace(CodeStore codes)
    {
        _codes.Dispose();
        _codes = codes;
    }
}
