namespace Palimpsest.Inference;

/// <summary>The memory of one row of a layer: initial tokens, blocks, and the rest, of which the newest are the
/// window.</summary>
internal sealed class BlockMemoryRow : IDisposable
{
    private readonly InfLlmOptions _options;
    private readonly LayerShape _shape;
    private readonly int _heads;
    private readonly BlockFile? _file;
    private readonly List<MemoryBlock> _blocks = [];
    private BlockRanks _ranks;
    private GrowingTensor _vectors = new(0); // [blocks, H·Dh]
    private GrowingTensor _initial = new(2); // [2, Hkv, n, Dh]
    private GrowingTensor _rest = new(2); // [2, Hkv, n, Dh]
    private GrowingTensor _scores = new(1); // [H, n]
    private EntryPlaces _initialPlaces = new();
    private EntryPlaces _restPlaces = new();
    private bool _hasInitial;

    /// <summary>An empty row.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="shape">Sizes of the layer.</param>
    /// <param name="heads">H.</param>
    public BlockMemoryRow(InfLlmOptions options, LayerShape shape, int heads)
    {
        (_options, _shape, _heads, _ranks) = (options, shape, heads, new(options));
        _hasInitial = options.Initial == 0;
        var slot = options.Block * (2 * shape.Heads * shape.HeadSize + heads) * sizeof(float);
        _file = options.Spill is { } folder ? new BlockFile(folder, slot) : null;
    }

    /// <summary>Blocks, oldest first.</summary>
    public IReadOnlyList<MemoryBlock> Blocks => _blocks;

    /// <summary>What stands for the blocks [blocks, H·Dh]; the caller disposes it.</summary>
    public Tensor Vectors => _vectors.View;

    /// <summary>Where blocks lie that are not at hand; null for memory.</summary>
    public BlockFile? File => _file;

    /// <summary>Blocks at hand.</summary>
    public BlockRanks Ranks => _ranks;

    /// <summary>The blocks that the last chunk has read, the best first.</summary>
    public IReadOnlyList<int> LastRetrieved { get; private set; } = [];

    /// <summary>Initial keys and values, the rest's, and the rest's attention, for tests.</summary>
    public (GrowingTensor Initial, GrowingTensor Later, GrowingTensor Scores) Parts => (_initial, _rest, _scores);

    /// <summary>Entries held.</summary>
    public int Length => _initialPlaces.Length + _restPlaces.Length + _blocks.Sum(block => block.Length);

    /// <summary>Bytes in memory, and in a file.</summary>
    public (long Hot, long Cold) Bytes
    {
        get
        {
            var marks = 2L * sizeof(int) * Length;
            var hot = _vectors.Bytes + _initial.Bytes + _rest.Bytes + _scores.Bytes + _blocks.Sum(block => block.Bytes);
            return (hot + marks, _file?.Bytes ?? 0);
        }
    }

    /// <summary>Reads a chunk: attends, and then takes its tokens in.</summary>
    /// <param name="attention">The layer's.</param>
    /// <param name="angles">Turn the query that asks for blocks.</param>
    /// <param name="query">Unrotated [H, t, Dh].</param>
    /// <param name="entries">Unrotated keys, and values [2, Hkv, t, Dh].</param>
    /// <param name="places">Where the tokens come from.</param>
    /// <returns>[1, t, H·Dh].</returns>
    public Tensor Read(
        SegmentedAttention attention,
        PositionAngles angles,
        Tensor query,
        Tensor entries,
        EntryPlaces places
    )
    {
        using var scope = NewDisposeScope();
        var count = places.Length;
        var blocks = Retrieve(angles, query);
        var near = (int)Math.Min(_options.Local, _rest.Length) + count;
        _rest.Append(entries);
        _scores.Append(zeros([_heads, count], device: entries.device));
        _restPlaces.Add(places.Positions, places.Tokens);
        List<KvSegment> segments = Far(blocks, (int)_rest.Length) is { } far ? [far] : [];
        var local = _rest.View.narrow(2, _rest.Length - near, near);
        segments.Add(
            new(local[0].unsqueeze(0), local[1].unsqueeze(0))
            {
                Positions = Positions(_restPlaces.Positions.Skip(_restPlaces.Length - near)),
                Rotation = KeyRotation.Unrotated,
                Mode = PositionMode.CacheRelative,
                Within = _options.Local,
            }
        );
        var asked = new SegmentedQuery(query.unsqueeze(0), null, Positions(places.Positions).squeeze(0));
        var (output, observed) = attention.Run(asked, segments, new(ColumnSums: true));
        var sums = observed.ColumnSums![0]; // [H, S]
        _scores.View.narrow(1, _rest.Length - near, near).add_(sums.narrow(1, sums.shape[1] - near, near));
        Count(blocks, sums);
        Settle();
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Keys, values [2, Hkv, n, Dh] and places of all entries, oldest first; the caller disposes the
    /// tensor.</summary>
    public (Tensor? Entries, EntryPlaces Places) All()
    {
        using var scope = NewDisposeScope();
        var (parts, places) = (new List<Tensor>(), new EntryPlaces());
        if (_initial.Length > 0)
            parts.Add(_initial.View);
        places.Add(_initialPlaces.Positions, _initialPlaces.Tokens);
        foreach (var block in _blocks)
        {
            parts.Add(block.Entries(_file));
            places.Add(block.Places.Positions, block.Places.Tokens);
        }

        if (_rest.Length > 0)
            parts.Add(_rest.View);
        places.Add(_restPlaces.Positions, _restPlaces.Tokens);
        return (parts.Count == 0 ? null : cat([.. parts], 2).MoveToOuterDisposeScope(), places);
    }

    /// <summary>Entries of the tokens of a span.</summary>
    public int Holds(int start, int end) =>
        _initialPlaces.Within(start, end)
        + _restPlaces.Within(start, end)
        + _blocks.Sum(block => block.Places.Within(start, end));

    /// <summary>Drops the entries of some tokens, in memory and in the file; blocks that had some are made anew of what
    /// is left of them.</summary>
    public void Drop(Func<int, bool> drops)
    {
        using var scope = NewDisposeScope();
        (_initial, _initialPlaces) = Without(_initial, _initialPlaces);
        var scores = _restPlaces.Tokens.Any(drops) ? Of(_scores, 1, Staying(_restPlaces)) : _scores;
        (_rest, _restPlaces) = Without(_rest, _restPlaces);
        _scores = scores;
        if (!_blocks.Any(block => block.Places.Tokens.Any(drops)))
            return;
        var old = _blocks.ToArray();
        _blocks.Clear();
        _vectors.Zero();
        _vectors.Dispose();
        _vectors = new(0);
        _ranks.Clear();
        foreach (var block in old)
        {
            var staying = Staying(block.Places);
            if (staying.Length > 0)
            {
                var index = tensor(staying, device: _shape.Device);
                var left = block.Entries(_file).index_select(2, index);
                Add(left, block.Scores(_file).index_select(1, index), block.Places.At(staying));
            }

            block.Erase(_file);
            block.Dispose();
        }

        long[] Staying(EntryPlaces places) =>
            [.. places.Tokens.Index().Where(entry => !drops(entry.Item)).Select(entry => (long)entry.Index)];

        (GrowingTensor, EntryPlaces) Without(GrowingTensor entries, EntryPlaces places)
        {
            if (!places.Tokens.Any(drops))
                return (entries, places);
            var staying = Staying(places);
            return (Of(entries, 2, staying), places.At(staying));
        }

        GrowingTensor Of(GrowingTensor entries, int dimension, long[] staying)
        {
            var left = new GrowingTensor(dimension);
            if (staying.Length > 0)
                left.Append(entries.View.index_select(dimension, tensor(staying, device: _shape.Device)));
            entries.Zero();
            entries.Dispose();
            return left;
        }
    }

    /// <summary>An independent copy, with a file of its own.</summary>
    public BlockMemoryRow Clone()
    {
        var copy = new BlockMemoryRow(_options, _shape, _heads)
        {
            _vectors = _vectors.Clone(),
            _initial = _initial.Clone(),
            _rest = _rest.Clone(),
            _scores = _scores.Clone(),
            _initialPlaces = _initialPlaces.Clone(),
            _restPlaces = _restPlaces.Clone(),
            _hasInitial = _hasInitial,
            _ranks = _ranks.Clone(),
        };
        foreach (var (number, block) in _blocks.Index())
        {
            copy._blocks.Add(block.Clone(_file));
            if (!_ranks.All.ContainsKey(number))
                copy._blocks[^1].Spill(copy._file);
        }

        return copy;
    }

    /// <summary>Gives everything to a state, or takes what it restores; the row is empty then.</summary>
    public void Exchange(KvState state, int seen)
    {
        using var scope = NewDisposeScope();
        var (heads, size) = (_shape.Heads, _shape.HeadSize);
        var (initial, rest) = (
            state.Number("initial", _initialPlaces.Length),
            state.Number("rest", _restPlaces.Length)
        );
        _hasInitial = state.Flag("has initial", _hasInitial);
        _initial.Exchange(state, "initial entries", ScalarType.Float32, 2, heads, initial, size);
        _rest.Exchange(state, "rest entries", ScalarType.Float32, 2, heads, rest, size);
        _scores.Exchange(state, "rest scores", ScalarType.Float32, _heads, rest);
        if (_initial.Length != initial || _rest.Length != rest || _scores.Length != rest)
            throw state.Wrong("rest entries", "or others are missing");
        _initialPlaces.Exchange(state.Part("initial places"), initial, seen);
        _restPlaces.Exchange(state.Part("rest places"), rest, seen);
        var lengths = state.Numbers("blocks", [.. _blocks.Select(block => (long)block.Length)], -1, 1, _options.Block);
        _vectors.Exchange(state, "vectors", ScalarType.Float32, lengths.Length, _heads * size);
        if (_vectors.Length != lengths.Length)
            throw state.Wrong("vectors", "is missing");
        foreach (var (number, length) in lengths.Index())
        {
            var part = state.Part($"block.{number}");
            var held = state.IsRestoring ? null : _blocks[number];
            var entries = part.Tensor("entries", held?.Entries(_file), ScalarType.Float32, 2, heads, length, size);
            var scores = part.Tensor("scores", held?.Scores(_file), ScalarType.Float32, _heads, length);
            var places = held?.Places ?? new();
            places.Exchange(part, (int)length, seen);
            if (state.IsRestoring)
                _blocks.Add(new(entries.to(_shape.Device), scores.to(_shape.Device), places));
        }

        _ranks.Exchange(state, lengths.Length);
        foreach (var (number, block) in _blocks.Index())
        {
            if (!_ranks.All.ContainsKey(number))
                block.Spill(_file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks)
            block.Dispose();
        foreach (var part in new[] { _vectors, _initial, _rest, _scores })
            part.Dispose();
        _file?.Dispose();
    }

    /// <summary>The blocks with the largest product of their vectors with the mean query, brought to hand.</summary>
    private IReadOnlyList<int> Retrieve(PositionAngles angles, Tensor query)
    {
        if (_blocks.Count <= _options.Retrieved)
        {
            LastRetrieved = [.. Enumerable.Range(0, _blocks.Count)];
        }
        else
        {
            var at = tensor(
                new long[,]
                {
                    { _options.Local - 1 },
                },
                device: query.device
            );
            var mean = angles.Rotate(query.unsqueeze(0), at).mean([2]).view(-1); // [H·Dh]
            var (_, best) = mv(_vectors.View, mean).topk(_options.Retrieved);
            LastRetrieved = [.. best.cpu().data<long>().Select(block => (int)block)];
        }

        foreach (var block in _ranks.Read(LastRetrieved))
            _blocks[block].Spill(_file);
        foreach (var block in LastRetrieved)
            _blocks[block].Load(_file);
        return [.. LastRetrieved.Order()];
    }

    /// <summary>Blocks, initial tokens, and what has left the window of the last query; null where nothing
    /// is.</summary>
    private KvSegment? Far(IReadOnlyList<int> blocks, int rest)
    {
        var leaving = Math.Max(0, rest - _options.Local);
        List<Tensor> parts = [.. blocks.Select(block => _blocks[block].Entries(_file))];
        if (_initial.Length > 0)
            parts.Add(_initial.View);
        if (leaving > 0)
            parts.Add(_rest.View.narrow(2, 0, leaving));
        if (parts.Count == 0)
            return null;
        var positions = blocks
            .SelectMany(block => _blocks[block].Places.Positions)
            .Concat(_initialPlaces.Positions)
            .Concat(_restPlaces.Positions.Take(leaving));
        var entries = cat([.. parts], 2);
        return new(entries[0].unsqueeze(0), entries[1].unsqueeze(0))
        {
            Positions = Positions(positions),
            Rotation = KeyRotation.Unrotated,
            Mode = PositionMode.FixedFar,
            Distance = _options.Local - 1,
            Beyond = _options.SeesTwice ? null : _options.Local,
        };
    }

    private void Count(IReadOnlyList<int> blocks, Tensor sums)
    {
        if (!_options.ByAttention)
            return;
        var attention = sums.sum([0L]).cpu().data<float>().ToArray();
        var start = 0;
        var each = new List<float>();
        foreach (var block in blocks)
        {
            each.Add(attention.AsSpan(start, _blocks[block].Length).ToArray().Sum());
            start += _blocks[block].Length;
        }

        _ranks.Add(blocks, each);
    }

    /// <summary>Makes initial tokens and blocks of what has left the window.</summary>
    private void Settle()
    {
        var left = _restPlaces.Length - _options.Local;
        if (!_hasInitial && left > 0)
        {
            var count = Math.Min(left, _options.Initial - _initialPlaces.Length);
            var (entries, _, places) = Take(count);
            _initial.Append(entries);
            _initialPlaces.Add(places.Positions, places.Tokens);
            _hasInitial = _initialPlaces.Length >= _options.Initial;
        }

        var formed = (_restPlaces.Length - _options.Local) / _options.Block;
        if (_restPlaces.Length < _options.Local + _options.Block)
            return;
        var (all, attention, from) = Take(formed * _options.Block);
        for (var block = 0; block < formed; block++)
        {
            var start = block * _options.Block;
            Add(
                all.narrow(2, start, _options.Block).clone(),
                attention.narrow(1, start, _options.Block).clone(),
                from.Take(_options.Block)
            );
        }
    }

    /// <summary>Takes the oldest of the rest away.</summary>
    private (Tensor Entries, Tensor Scores, EntryPlaces Places) Take(int count)
    {
        var (entries, scores) = (_rest.View.narrow(2, 0, count).clone(), _scores.View.narrow(1, 0, count).clone());
        _rest = Behind(_rest, 2);
        _scores = Behind(_scores, 1);
        return (entries, scores, _restPlaces.Take(count));

        GrowingTensor Behind(GrowingTensor whole, int dimension)
        {
            var left = new GrowingTensor(dimension);
            if (whole.Length > count)
                left.Append(whole.View.narrow(dimension, count, whole.Length - count));
            whole.Dispose();
            return left;
        }
    }

    /// <summary>Adds a block, and what stands for it.</summary>
    private void Add(Tensor entries, Tensor scores, EntryPlaces places)
    {
        var size = _shape.HeadSize;
        var keys = entries[0].repeat_interleave(_heads / _shape.Heads, 0); // [H, n, Dh]
        var (_, best) = scores.topk((int)Math.Min(_options.Representatives, scores.shape[1]), -1); // [H, r]
        var chosen = keys.gather(1, best.unsqueeze(-1).expand(-1, -1, size));
        _vectors.Append(chosen.mean([1]).view(1, -1));
        _blocks.Add(new(entries, scores, places));
        _blocks[^1].Spill(_file);
    }

    private Tensor Positions(IEnumerable<int> positions)
    {
        long[] numbers = [.. positions.Select(position => (long)position)];
        return tensor(numbers, [1, 1, numbers.Length], device: _shape.Device);
    }
}
