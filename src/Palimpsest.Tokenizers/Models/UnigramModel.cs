using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>The likeliest segmentation under independent token probabilities, found by Viterbi's algorithm.</summary>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;
    private readonly PieceCache _cache = new();
    private readonly Dictionary<long, int> _trie = [];
    private readonly List<int> _idAt = [-1];
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int? _unknownId;
    private readonly int[]? _byteIds;

    /// <summary>Reads a model of type Unigram.</summary>
    public UnigramModel(JsonField field)
    {
        var tokens = new List<string>();
        var scores = new List<double>();
        foreach (var entry in field["vocab"].Elements())
        {
            var pair = entry.Elements().Take(3).ToArray();
            if (pair.Length != 2)
                throw entry.Error("an entry is a token and its score.");
            tokens.Add(pair[0].AsString());
            scores.Add(pair[1].AsNumber());
            if (tokens.Count > Vocabulary.MostIds)
                throw entry.Error($"more than {Vocabulary.MostIds} tokens.");
        }

        Vocabulary = Vocabulary.FromList(tokens);
        _scores = [.. scores];
        _unknownScore = scores.DefaultIfEmpty(0).Min() - UnknownPenalty;
        _unknownId = field["unk_id"].IsNull ? null : field["unk_id"].AsInteger(0, tokens.Count - 1);
        _byteIds = field["byte_fallback"].AsBoolean(false) ? Vocabulary.ByteIds() : null;
        foreach (var token in tokens)
            Insert(token, Vocabulary.IdOf(token)!.Value);
    }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public bool ShowsSource(int id) => id == _unknownId;

    /// <inheritdoc/>
    public ModelToken[] Tokenize(ReadOnlySpan<char> piece) =>
        _cache.Find(piece) ?? _cache.Keep(piece, Named(piece, Segment(piece)));

    private void Insert(string token, int id)
    {
        var node = 0;
        foreach (var unit in token)
        {
            var key = ((long)node << 16) | unit;
            if (!_trie.TryGetValue(key, out var child))
            {
                child = _idAt.Count;
                _idAt.Add(-1);
                _trie.Add(key, child);
            }

            node = child;
        }

        if (node != 0)
            _idAt[node] = id;
    }

    private List<(int Start, int End)> Segment(ReadOnlySpan<char> piece)
    {
        var best = new (double Score, int Start, bool Unknown)[piece.Length + 1];
        for (var i = 1; i < best.Length; i++)
            best[i].Start = -1;
        for (var start = 0; start < piece.Length; )
        {
            UnicodeClass.At(piece, start, out var length);
            var score = best[start].Score;
            var single = false;
            for (
                var (end, node) = (start, 0);
                end < piece.Length && _trie.TryGetValue(((long)node << 16) | piece[end], out node);

            )
            {
                end++;
                if (_idAt[node] < 0)
                    continue;
                single |= end - start == length;
                Offer(ref best[end], score + _scores[_idAt[node]], start, _idAt[node] == _unknownId);
            }

            if (!single)
                Offer(ref best[start + length], score + _unknownScore, start, unknown: true);
            start += length;
        }

        var parts = new List<(int Start, int End)>();
        var fuses = false;
        for (var end = piece.Length; end > 0; end = best[end].Start)
        {
            var unknown = best[end].Unknown && _unknownId is not null;
            if (unknown && fuses)
                parts[^1] = (best[end].Start, parts[^1].End);
            else
                parts.Add((best[end].Start, end));
            fuses = unknown;
        }

        parts.Reverse();
        return parts;
    }

    private static void Offer(ref (double Score, int Start, bool Unknown) node, double score, int start, bool unknown)
    {
        if (node.Start < 0 || score > node.Score)
            node = (score, start, unknown);
    }

    private ModelToken[] Named(ReadOnlySpan<char> piece, List<(int Start, int End)> parts)
    {
        var tokens = new List<ModelToken>(parts.Count);
        foreach (var (start, end) in parts)
        {
            var part = piece[start..end];
            if (Vocabulary.IdOf(part) is { } id)
                tokens.Add(new ModelToken(id, start, end));
            else if (!TryAddBytes(part, start, end, tokens))
                tokens.Add(new ModelToken(_unknownId ?? throw NoUnknown(part), start, end));
        }

        return [.. tokens];
    }

    private bool TryAddBytes(ReadOnlySpan<char> part, int start, int end, List<ModelToken> tokens)
    {
        if (_byteIds is null)
            return false;
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(part.Length)];
        var count = Encoding.UTF8.GetBytes(part, bytes);
        if (bytes.AsSpan(0, count).ToArray().Any(value => _byteIds[value] < 0))
            return false;
        foreach (var value in bytes.AsSpan(0, count))
            tokens.Add(new ModelToken(_byteIds[value], start, end));
        return true;
    }

    private static InputException NoUnknown(ReadOnlySpan<char> part) =>
        new(
            $"tokenizer.json: {JsonField.Shown(part.ToString())} cannot be written in the vocabulary and there is no "
                + $"unknown token."
        );
}
