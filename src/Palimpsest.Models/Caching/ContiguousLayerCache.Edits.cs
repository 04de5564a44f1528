namespace Palimpsest.Models;

public sealed partial class ContiguousLayerCache
{
    /// <inheritdoc/>
    public override void Apply(KvEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Mark();
        var width = (int)edit.Index.shape[2];
        var index = edit.Index.expand(Batch, edit.Index.shape[1], width);
        var keep = _marks!.Keep is null ? null : Gather(_marks.Keep, index);
        if (edit.Valid is not null)
            keep = keep is null ? edit.Valid.expand_as(index).clone() : keep.logical_and(edit.Valid);
        if (keep is not null && keep.all().item<bool>())
            keep = null;
        var marks = new EntryMarks(Gather(_marks.Positions, index), Gather(_marks.Tokens, index), keep)
        {
            Sources = EntrySources.After(edit, index, _marks, Shape.Heads),
            Counts = edit.Merge?.Counts?.clone() ?? (_marks.Counts is null ? null : Gather(_marks.Counts, index)),
        };
        if (_scores is { } scores)
            SetScores(Gather(scores, index));
        _marks.Dispose();
        _marks = marks;
        var (keys, values) = (Staying(Keys()), Staying(Values()));
        if (edit.Merge is { } merge)
        {
            if (!merge.ValuesOnly)
                keys = Merged(Keys(), keys, merge);
            values = Merged(Values(), values, merge);
        }

        (keys, values) = (Spare(keys, width), Spare(values, width));
        _width = width;
        Replace(keys, values);

        Tensor Staying(Tensor held) =>
            held.gather(2, index.expand(Batch, Shape.Heads, width).unsqueeze(3).expand(-1, -1, -1, held.shape[3]));
    }

    /// <summary>A copy of some columns as a layer of its own, which knows where its entries came from.</summary>
    /// <param name="start">The first column.</param>
    /// <param name="count">How many, from 0.</param>
    /// <param name="heads">Heads that it has [n] int64; null for all.</param>
    /// <param name="channels">Channels of the keys that it has [B, Hkv, C] int64, which no longer turn; null for all of
    /// them.</param>
    public ContiguousLayerCache Part(int start, int count, Tensor? heads = null, Tensor? channels = null)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Mark();
        var (keys, values) = (Columns(Keys()), Columns(Values()));
        if (channels is not null)
            keys = keys.gather(3, channels.unsqueeze(2).expand(-1, -1, count, -1));
        var shape = Shape with
        {
            Batch = Batch,
            Heads = (int)keys.shape[1],
            Capacity = Math.Max(1, count),
            KeySize = (int)keys.shape[3],
        };
        var part = new ContiguousLayerCache(shape, _relative) { RowBudgets = RowBudgets };
        part.Replace(Spare(keys, count), Spare(values, count));
        part._marks = _marks!.Map(mark => mark.shape[1] == 1 ? Narrow(mark) : Columns(mark));
        if (_scores is { } scores)
            part.SetScores(Columns(scores));
        (part._width, part._seen) = (count, _seen);
        return part;

        Tensor Columns(Tensor held) => Narrow(heads is null ? held : held.index_select(1, heads));

        Tensor Narrow(Tensor held) => held.narrow(2, start, count).clone();
    }

    /// <summary>What stays [B, Hkv, K, Dh] with what flows into it.</summary>
    private static Tensor Merged(Tensor held, Tensor staying, KvMerge merge)
    {
        var size = held.shape[3];
        var flow = held.gather(2, Wide(merge.From)) * merge.Weights.unsqueeze(-1);
        var own = merge.Own is null ? staying : staying * merge.Own.unsqueeze(-1);
        return own.scatter_add(2, Wide(merge.To), flow);

        Tensor Wide(Tensor places) => places.unsqueeze(-1).expand(-1, -1, -1, size);
    }

    /// <inheritdoc/>
    public override void Truncate(int seen)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seen);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seen, _seen);
        if (seen == _seen)
            return;
        if (IsPlain)
        {
            (_width, _seen) = (seen, seen);
            if (_scores is { } scores)
                SetScores(scores.narrow(2, 0, seen));
            return;
        }

        using var scope = NewDisposeScope();
        KeepWhere((_marks!.Sources?.Last ?? _marks.Tokens).lt(seen));
        _seen = seen;
    }

    /// <inheritdoc/>
    public override void SelectRows(ReadOnlySpan<long> rows)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var index = tensor(rows.ToArray(), device: _keys.device);
        if (_marks is { } marks)
        {
            _marks = marks.Map(mark => mark.index_select(0, index));
            marks.Dispose();
        }

        if (_scores is { } scores)
            SetScores(scores.index_select(0, index));
        if (RowBudgets is { } budgets)
            RowBudgets = [.. rows.ToArray().Select(row => budgets[(int)row])];
        Replace(_keys.index_select(0, index), _values.index_select(0, index));
    }

    /// <inheritdoc/>
    public override long Erase(int start, int end)
    {
        if (start >= end || start >= _seen)
            return 0;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Mark();
        var (first, last) = _marks!.Sources ?? (_marks.Tokens, _marks.Tokens);
        var inside = last.ge(start).logical_and(first.lt(end));
        var counted = _marks.Keep is null ? inside : inside.logical_and(_marks.Keep);
        var dropped = counted.sum().item<long>() * (Shape.Heads / counted.shape[1]);
        var (keys, values) = (_keys.alias(), _values.alias());
        KeepWhere(inside.logical_not());
        keys.zero_(); // freed memory is not overwritten by who frees it
        values.zero_();
        return dropped;
    }

    /// <inheritdoc/>
    public override long Holds(int start, int end)
    {
        if (start >= end || start >= _seen)
            return 0;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var plain = arange(_width, device: _keys.device).expand(Batch, 1, _width);
        var (first, last) = _marks is null ? (plain, plain) : _marks.Sources ?? (_marks.Tokens, _marks.Tokens);
        var inside = last.ge(start).logical_and(first.lt(end));
        if ((_marks is null ? Real?.unsqueeze(1) : _marks.Keep) is { } keep)
            inside = inside.logical_and(keep);
        return inside.sum().item<long>() * (Shape.Heads / inside.shape[1]);
    }

    /// <summary>Overwrites what lies behind the entries held with zeros.</summary>
    internal void ZeroSpare()
    {
        using var scope = NewDisposeScope();
        _keys.narrow(2, _width, Capacity - _width).zero_();
        _values.narrow(2, _width, Capacity - _width).zero_();
    }

    /// <summary>Frees all columns but those where a mask [B, Hkv or 1, W] is true; the order stays.</summary>
    private void KeepWhere(Tensor inside)
    {
        var counted = _marks!.Keep is null ? inside : inside.logical_and(_marks.Keep);
        var lengths = counted.sum(-1); // [B, heads]
        var longest = (int)lengths.max().item<long>();
        var columns = arange(_width, device: _keys.device);
        var order = (columns + counted.to(ScalarType.Int64) * _width).argsort(-1); // who stays is last, in order
        var index = order.narrow(2, _width - longest, longest);
        var valid = arange(longest, device: _keys.device).ge(longest - lengths.unsqueeze(-1));
        Apply(new(index, valid));
    }

    /// <summary>Gives the entries of a plain layer their positions, and turns keys back where they become
    /// relative.</summary>
    private void Mark()
    {
        if (_marks is not null)
            return;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var positions = PlainPositions(); // [B or 1, W]
        if (_relative is not null && _width > 0)
        {
            using var rotary = new RotaryEmbedding(_relative, _keys.device);
            var angles = rotary.At(positions.expand(Batch, _width), Math.Max(1, _seen));
            var turned = angles.TurnBack(Keys().transpose(1, 2), Shape.HeadSize).transpose(1, 2); // [B, Hkv, W, Dh]
            Keys().copy_(turned);
        }

        var tokens = arange(_width, dtype: ScalarType.Int32, device: _keys.device);
        _marks = new(
            positions.to(ScalarType.Int32).unsqueeze(1).expand(Batch, 1, _width).clone(),
            tokens.expand(Batch, 1, _width).clone(),
            Real?.unsqueeze(1).clone()
        );
    }

    /// <summary>Positions of a plain layer's tokens [B or 1, W] int64.</summary>
    private Tensor PlainPositions() =>
        Real is { } real
            ? (real.to(ScalarType.Int64).cumsum(1) - 1).clamp_(0)
            : arange(_width, device: _keys.device).unsqueeze(0);

    private Tensor Gather(Tensor mark, Tensor index)
    {
        var heads = Math.Max(mark.shape[1], index.shape[1]);
        return mark.narrow(2, 0, _width)
            .expand(Batch, heads, _width)
            .gather(2, index.expand(Batch, heads, index.shape[2]));
    }

    /// <summary>A buffer that holds these entries and has room for a few more.</summary>
    private static Tensor Spare(Tensor entries, int width)
    {
        var shape = entries.shape;
        var buffer = empty(
            [shape[0], shape[1], width + Math.Max(LeastSpare, width / 8), shape[3]],
            device: entries.device
        );
        buffer.narrow(2, 0, width).copy_(entries);
        return buffer;
    }
}
