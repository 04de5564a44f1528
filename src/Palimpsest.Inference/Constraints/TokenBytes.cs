using System.Runtime.CompilerServices;
using System.Text;

namespace Palimpsest.Inference;

/// <summary>The tokens of a vocabulary as an automaton over bytes sees them.</summary>
/// <remarks>Tokens of whole characters that can stand in any text between quotes are most of a vocabulary: they are
/// kept apart as bits, so that within a text only the others are followed.</remarks>
internal sealed class TokenBytes
{
    private static readonly ConditionalWeakTable<Tokenizer, TokenBytes> Known = [];

    // Longer tokens are rarely a part of what a schema writes.
    private const int LongestText = 16;

    private readonly int _size;
    private readonly int[] _counts;
    private readonly int[] _forCharacters;
    private readonly HashSet<string> _texts;
    private readonly List<(int Id, int Characters)> _plain = [];
    private readonly Dictionary<int, ulong[]> _plainUpTo = [];

    private TokenBytes(Tokenizer tokenizer, IReadOnlySet<string> marks)
    {
        _size = tokenizer.VocabularySize;
        var (all, others, shown) = (new List<(int, byte[])>(), new List<(int, byte[])>(), new HashSet<int>());
        for (var id = 0; id < _size; id++)
        {
            if (tokenizer.BytesOf(id) is not { Length: > 0 } bytes)
                continue;
            // Some files call the tokens that stand for single bytes special.
            var isByte = bytes.Length == 1 && tokenizer.TokenOf(id).StartsWith("<0x", StringComparison.Ordinal);
            if (tokenizer.IsSpecial(id) && !isByte && !marks.Contains(tokenizer.TokenOf(id)))
                continue;
            all.Add((id, bytes));
            if (tokenizer.IsSpecial(id))
                shown.Add(id);
            if (PlainCharacters(bytes) is > 0 and var characters)
                _plain.Add((id, characters));
            else
                others.Add((id, bytes));
        }

        if (all.Count == 0)
            throw new InputException(
                $"The tokenizer ({tokenizer.Kind}) writes no token the same everywhere; its output cannot be "
                    + "constrained."
            );
        (All, Others, ShownSpecialTokens) = (new(all), new(others), shown);
        _texts = all.Where(token => token.Item2.Length is > 1 and <= LongestText)
            .Select(token => Encoding.Latin1.GetString(token.Item2))
            .ToHashSet(StringComparer.Ordinal);
        _counts = [.. _plain.Select(token => token.Characters).Append(0).Distinct().Order()];
        _forCharacters = ForCharacters();
    }

    /// <summary>All tokens that have bytes; of special ones only the marks.</summary>
    public TokenTrie All { get; }

    /// <summary>Those that are not of whole characters, or hold a quote, a backslash or a control character.</summary>
    public TokenTrie Others { get; }

    /// <summary>Special tokens that are part of the text.</summary>
    public IReadOnlySet<int> ShownSpecialTokens { get; }

    /// <summary>Characters of the longest plain token.</summary>
    public int LongestPlain => _counts[^1];

    /// <summary>The bytes of a tokenizer's tokens; kept as long as the tokenizer where there are no marks.</summary>
    /// <param name="tokenizer">Names the tokens.</param>
    /// <param name="marks">Texts of special tokens that are part of the text.</param>
    /// <exception cref="InputException">No token has a text of its own.</exception>
    public static TokenBytes Of(Tokenizer tokenizer, params IEnumerable<string> marks)
    {
        var special = marks
            .Where(mark => tokenizer.IdOf(mark) is { } id && tokenizer.IsSpecial(id))
            .ToHashSet(StringComparer.Ordinal);
        return special.Count == 0
            ? Known.GetValue(tokenizer, one => new(one, new HashSet<string>()))
            : new(tokenizer, special);
    }

    /// <summary>The least number of tokens that write so many characters, be they what they may.</summary>
    public int LengthOf(int characters)
    {
        var longest = Math.Max(1, LongestPlain);
        var rest = characters < _forCharacters.Length ? characters : longest + (characters % longest);
        return (characters - rest) / longest + _forCharacters[rest];
    }

    /// <summary>The least number of tokens that write a text from each of its bytes on; bytes of no token count as
    /// one each.</summary>
    public int[] LengthsOf(ReadOnlySpan<byte> text)
    {
        var characters = new char[text.Length];
        Encoding.Latin1.GetChars(text, characters);
        var lengths = new int[text.Length + 1];
        var known = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var start = text.Length - 1; start >= 0; start--)
        {
            lengths[start] = lengths[start + 1] + 1;
            for (var length = 2; length <= Math.Min(LongestText, text.Length - start); length++)
            {
                if (lengths[start + length] + 1 < lengths[start] && known.Contains(characters.AsSpan(start, length)))
                    lengths[start] = lengths[start + length] + 1;
            }
        }

        return lengths;
    }

    // How many tokens 0, 1, 2 ... characters take; from twice the longest on the longest comes first.
    private int[] ForCharacters()
    {
        var counts = new int[2 * Math.Max(1, LongestPlain) + 1];
        for (var characters = 1; characters < counts.Length; characters++)
            counts[characters] =
                1 + _counts.Where(c => c > 0 && c <= characters).Append(1).Min(count => counts[characters - count]);
        return counts;
    }

    /// <summary>A bit for each plain token with so many characters at most.</summary>
    public ulong[] PlainUpTo(int characters)
    {
        characters = Math.Min(characters, LongestPlain);
        lock (_plainUpTo)
        {
            if (_plainUpTo.TryGetValue(characters, out var known))
                return known;
            var bits = new ulong[(_size + 63) / 64];
            foreach (var (id, count) in _plain)
            {
                if (count <= characters)
                    bits[id / 64] |= 1UL << (id % 64);
            }

            _plainUpTo.Add(characters, bits);
            return bits;
        }
    }

    /// <summary>The characters of a token that can stand in any text between quotes; 0 for others.</summary>
    private static int PlainCharacters(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (!bytes.IsEmpty)
        {
            if (bytes[0] < 0x20 || bytes[0] is (byte)'"' or (byte)'\\')
                return 0;
            if (Rune.DecodeFromUtf8(bytes, out _, out var length) != System.Buffers.OperationStatus.Done)
                return 0;
            bytes = bytes[length..];
            count++;
        }

        return count;
    }
}
