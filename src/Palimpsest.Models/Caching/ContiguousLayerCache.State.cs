namespace Palimpsest.Models;

public sealed partial class ContiguousLayerCache
{
    /// <inheritdoc/>
    public override void Exchange(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        _seen = state.Number("seen", _seen);
        _width = state.Number("width", _width, 0, _seen);
        var isMarked = state.Flag("marked", _marks is not null);
        if (!isMarked && _width != _seen)
            throw state.Wrong("width", $"is {_width}; a layer that holds everything has {_seen}");
        long[] shape = [Batch, Shape.Heads, _width];
        var restores = state.IsRestoring;
        var keys = state.Tensor("keys", restores ? null : Keys(), ScalarType.Float32, [.. shape, Shape.KeySize]);
        var values = state.Tensor("values", restores ? null : Values(), ScalarType.Float32, [.. shape, Shape.HeadSize]);
        if (restores)
            Replace(Restored(keys, isMarked), Restored(values, isMarked));
        if (isMarked)
            ExchangeMarks(state, shape);
        var scores = state.TensorOrNull("scores", _scores, ScalarType.Float32, Batch, -1, _width);
        if (restores && scores is not null)
            SetScores(scores.to(_keys.device));
        var budgets = RowBudgets?.SelectMany(budget => new long[] { budget.Entries, budget.Recent }).ToArray() ?? [];
        budgets = state.Numbers("row budgets", budgets, least: int.MinValue);
        if (budgets.Length != 0 && budgets.Length != 2 * Batch)
            throw state.Wrong("row budgets", $"has {budgets.Length} numbers; allowed is none or {2 * Batch}");
        if (budgets.Length > 0)
            RowBudgets = [.. budgets.Chunk(2).Select(pair => new RowBudget((int)pair[0], (int)pair[1]))];
    }

    private void ExchangeMarks(KvState state, long[] shape)
    {
        var held = _marks;
        long[] any = [shape[0], -1, shape[2]];
        var positions = state.Tensor("positions", held?.Positions, ScalarType.Int32, any);
        long[] same = [.. positions.shape];
        if (same[1] != 1 && same[1] != Shape.Heads)
            throw state.Wrong("positions", $"is of {same[1]} heads; allowed is 1 or {Shape.Heads}");
        var tokens = state.Tensor("tokens", held?.Tokens, ScalarType.Int32, same);
        var keep = state.TensorOrNull("keep", held?.Keep, ScalarType.Bool, same);
        var first = state.TensorOrNull("first", held?.Sources?.First, ScalarType.Int32, shape);
        var last = state.TensorOrNull("last", held?.Sources?.Last, ScalarType.Int32, shape);
        var counts = state.TensorOrNull("counts", held?.Counts, ScalarType.Float32, shape);
        if (!state.IsRestoring)
            return;
        (string, Tensor?)[] within = [("positions", positions), ("tokens", tokens), ("first", first), ("last", last)];
        foreach (var (name, places) in within)
            state.RequireWithin(name, places, 0, Math.Max(0, _seen - 1));
        if (first is null != last is null)
            throw state.Wrong("first", "and 'last' must both be there or neither");
        var device = _keys.device;
        _marks?.Dispose();
        _marks = new(positions.to(device), tokens.to(device), keep?.to(device))
        {
            Sources = first is null ? null : (first.to(device), last!.to(device)),
            Counts = counts?.to(device),
        };
    }

    /// <summary>A buffer that holds restored entries, with the room that it would have had.</summary>
    private Tensor Restored(Tensor entries, bool isMarked)
    {
        entries = entries.to(_keys.device);
        if (isMarked)
            return Spare(entries, _width);
        var capacity = Math.Max(Shape.Capacity, _width);
        var buffer = empty([entries.shape[0], entries.shape[1], capacity, entries.shape[3]], device: _keys.device);
        buffer.narrow(2, 0, _width).copy_(entries);
        return buffer;
    }
}
