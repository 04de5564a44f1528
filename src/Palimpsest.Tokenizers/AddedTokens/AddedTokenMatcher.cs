using System.Buffers;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Finds added tokens in a text: leftmost first, of those the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly SearchValues<char> _firsts;
    private readonly Dictionary<char, int[]> _lengths;

    /// <summary>A matcher for tokens by the text that stands for them.</summary>
    public AddedTokenMatcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        foreach (var (text, token) in tokens)
        {
            if (text.Length > 0)
                _tokens[text] = token;
        }

        _bySpan = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = _tokens
            .Keys.GroupBy(text => text[0])
            .ToDictionary(
                group => group.Key,
                group => group.Select(text => text.Length).Distinct().OrderDescending().ToArray()
            );
        _firsts = SearchValues.Create([.. _lengths.Keys]);
    }

    /// <summary>Whether there is nothing to find.</summary>
    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>Cuts a text at its added tokens; parts without a token have id −1.</summary>
    public void Cut(ReadOnlySpan<char> text, List<TextPiece> pieces)
    {
        var done = 0;
        for (var from = 0; from < text.Length; )
        {
            var ahead = text[from..].IndexOfAny(_firsts);
            if (ahead < 0)
                break;
            from += ahead;
            if (Longest(text[from..]) is not { } found)
            {
                from++;
                continue;
            }

            var (length, token) = found;
            var (start, end) = (Math.Max(from, done), from + length);
            from = end;
            if (start >= end || (token.IsWholeWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..]))))
                continue;
            if (token.TakesLeft)
                start = Math.Max(done, text[..start].TrimEnd().Length);
            if (token.TakesRight)
                end = text.Length - text[end..].TrimStart().Length;
            if (start > done)
                pieces.Add(new TextPiece(done, start - done));
            pieces.Add(new TextPiece(start, end - start, token.Id));
            done = end;
        }

        if (done < text.Length)
            pieces.Add(new TextPiece(done, text.Length - done));
    }

    private (int Length, AddedToken Token)? Longest(ReadOnlySpan<char> text)
    {
        foreach (var length in _lengths[text[0]])
        {
            if (length <= text.Length && _bySpan.TryGetValue(text[..length], out var token))
                return (length, token);
        }

        return null;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && UnicodeClass.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && UnicodeClass.IsWord(rune);
}
