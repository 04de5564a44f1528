using System.Collections.Concurrent;

namespace Palimpsest.Tokenizers;

/// <summary>Remembers the tokens of short pieces; starts afresh when full. Safe for many threads.</summary>
internal sealed class PieceCache
{
    private const int Most = 1 << 16;
    private const int LongestPiece = 64;
    private readonly ConcurrentDictionary<string, ModelToken[]> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelToken[]>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private int _count;

    /// <summary>An empty cache.</summary>
    public PieceCache() => _bySpan = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The remembered tokens, or null.</summary>
    public ModelToken[]? Find(ReadOnlySpan<char> piece) =>
        piece.Length <= LongestPiece && _bySpan.TryGetValue(piece, out var tokens) ? tokens : null;

    /// <summary>Remembers tokens and returns them.</summary>
    public ModelToken[] Keep(ReadOnlySpan<char> piece, ModelToken[] tokens)
    {
        if (piece.Length > LongestPiece)
            return tokens;
        if (Interlocked.Increment(ref _count) > Most)
        {
            _tokens.Clear();
            Volatile.Write(ref _count, 1);
        }

        _bySpan.TryAdd(piece, tokens);
        return tokens;
    }
}
