namespace Palimpsest.Inference;

/// <summary>Which blocks are at hand: those read last, or those that have had most attention.</summary>
/// <param name="options">How many, and by which rule.</param>
internal sealed class BlockRanks(InfLlmOptions options)
{
    private Dictionary<int, float> _ranks = [];
    private int _chunks;

    /// <summary>Blocks at hand with their ranks.</summary>
    public IReadOnlyDictionary<int, float> All => _ranks;

    /// <summary>Counts a chunk that reads blocks, and names those that have to go for them.</summary>
    public IReadOnlyList<int> Read(IReadOnlyList<int> blocks)
    {
        _chunks++;
        var surplus = _ranks.Keys.Union(blocks).Count() - options.Cached;
        int[] leaving =
        [
            .. _ranks
                .Where(held => !blocks.Contains(held.Key))
                .OrderBy(held => held.Value)
                .ThenBy(held => held.Key)
                .Take(Math.Max(0, surplus))
                .Select(held => held.Key),
        ];
        foreach (var block in leaving)
            _ranks.Remove(block);
        foreach (var block in blocks)
            _ranks[block] = options.ByAttention ? 0 : _chunks;
        return leaving;
    }

    /// <summary>Adds the attention that the blocks of a chunk have had.</summary>
    public void Add(IReadOnlyList<int> blocks, IReadOnlyList<float> attention)
    {
        if (!options.ByAttention)
            return;
        foreach (var block in _ranks.Keys)
            _ranks[block] *= (float)options.Decay;
        foreach (var (at, block) in blocks.Index())
            _ranks[block] += attention[at];
    }

    /// <summary>Forgets all, for blocks that have other numbers now.</summary>
    public void Clear() => _ranks.Clear();

    /// <summary>The same ranks.</summary>
    public BlockRanks Clone() => new(options) { _ranks = new(_ranks), _chunks = _chunks };

    /// <summary>Gives the ranks to a state, or takes what it restores.</summary>
    public void Exchange(KvState state, int blocks)
    {
        _chunks = state.Number("chunks", _chunks);
        var held = state.Numbers(
            "at hand",
            [.. _ranks.Keys.Select(block => (long)block)],
            most: Math.Max(0, blocks - 1)
        );
        using var scope = NewDisposeScope();
        var ranks = state.IsRestoring ? null : tensor([.. _ranks.Values], [_ranks.Count], ScalarType.Float32);
        ranks = state.Tensor("ranks", ranks, ScalarType.Float32, held.Length);
        if (!state.IsRestoring)
            return;
        if (held.Length > options.Cached || held.Distinct().Count() != held.Length || (blocks == 0 && held.Length > 0))
            throw state.Wrong("at hand", $"does not name up to {options.Cached} of {blocks} blocks once each");
        _ranks = held.Zip(ranks.data<float>().ToArray()).ToDictionary(pair => (int)pair.First, pair => pair.Second);
    }
}
