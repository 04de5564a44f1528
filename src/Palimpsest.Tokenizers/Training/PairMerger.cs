namespace Palimpsest.Tokenizers;

/// <summary>Counts neighbouring symbols in words and merges the most frequent pair again and again.</summary>
internal sealed class PairMerger
{
    private readonly List<string> _tokens;
    private readonly List<int[]> _words = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long, int, int)> _queue = new();

    /// <summary>Takes words with counts; <paramref name="tokens"/> has the single characters and grows.</summary>
    public PairMerger(Dictionary<string, long> words, List<string> tokens)
    {
        _tokens = tokens;
        var ids = tokens
            .Select((token, id) => (token, id))
            .Where(t => t.token.Length == 1)
            .ToDictionary(t => t.token[0], t => t.id);
        foreach (var (word, count) in words.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            var symbols = word.Select(c => ids[c]).ToArray();
            for (var i = 0; i + 1 < symbols.Length; i++)
                Change((symbols[i], symbols[i + 1]), count, _words.Count);
            _words.Add(symbols);
            _counts.Add(count);
        }

        foreach (var pair in _pairs.Keys)
            Enqueue(pair);
    }

    /// <summary>Merges until the vocabulary is full or no pair is frequent enough; returns the merges in
    /// order.</summary>
    public List<(string Left, string Right)> Run(BpeTrainerOptions options, CancellationToken cancellationToken)
    {
        var merges = new List<(string, string)>();
        while (_tokens.Count < options.VocabularySize && _queue.TryDequeue(out var pair, out var key))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = _pairs.GetValueOrDefault(pair);
            if (count != -key.Item1)
                continue;
            if (count < options.LeastCount)
                break;
            merges.Add((_tokens[pair.Left], _tokens[pair.Right]));
            var id = _tokens.Count;
            _tokens.Add(_tokens[pair.Left] + _tokens[pair.Right]);
            Merge(pair, id);
        }

        return merges;
    }

    private void Merge((int Left, int Right) pair, int id)
    {
        var touched = new HashSet<(int, int)>();
        foreach (var word in _places[pair].ToArray())
        {
            var (old, count) = (_words[word], _counts[word]);
            var merged = new List<int>(old.Length);
            for (var i = 0; i < old.Length; i++)
            {
                if (i + 1 < old.Length && old[i] == pair.Left && old[i + 1] == pair.Right)
                {
                    merged.Add(id);
                    i++;
                }
                else
                {
                    merged.Add(old[i]);
                }
            }

            for (var i = 0; i + 1 < old.Length; i++)
                touched.Add(Change((old[i], old[i + 1]), -count, word));
            _words[word] = [.. merged];
            for (var i = 0; i + 1 < merged.Count; i++)
                touched.Add(Change((merged[i], merged[i + 1]), count, word));
        }

        _pairs.Remove(pair);
        _places.Remove(pair);
        foreach (var changed in touched)
        {
            if (_pairs.GetValueOrDefault(changed) > 0)
                Enqueue(changed);
        }
    }

    private (int, int) Change((int Left, int Right) pair, long count, int word)
    {
        _pairs[pair] = _pairs.GetValueOrDefault(pair) + count;
        if (count > 0)
        {
            if (!_places.TryGetValue(pair, out var words))
                _places[pair] = words = [];
            words.Add(word);
        }

        return pair;
    }

    private void Enqueue((int Left, int Right) pair) => _queue.Enqueue(pair, (-_pairs[pair], pair.Left, pair.Right));
}
