namespace Palimpsest.Unlearning;

/// <summary>The expressions that belong to a text alone, each with a generic one in its place.</summary>
public sealed class AnchorDictionary
{
    // What a term follows: a word, or nothing that a blank would part it from.
    private static readonly (string Before, string Blank)[] Contexts = [("a", " "), ("(", "")];

    private readonly string _place;

    /// <summary>Takes entries.</summary>
    /// <param name="entries">In any order; the longest term that fits is replaced.</param>
    /// <param name="place">What messages call the dictionary.</param>
    /// <exception cref="InputException">A term is empty, is there twice, equals its stand-in, overlaps another, or is
    /// part of a stand-in; the message has the entry.</exception>
    public AnchorDictionary(IEnumerable<Anchor> entries, string place = "anchors")
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(place);
        (Entries, _place) = ([.. entries], place);
        var words = Entries.Select(entry => Words(entry.Term)).ToArray();
        for (var i = 0; i < Entries.Count; i++)
        {
            if (words[i].Length == 0 || Words(Entries[i].Replacement).Length == 0)
                throw Refused(i, "term and replacement need at least one character that is not white");
        }

        for (var i = 0; i < Entries.Count; i++)
        {
            if (string.Equals(Entries[i].Term, Entries[i].Replacement, StringComparison.Ordinal))
                throw Refused(i, "the replacement is the term itself");
            var replacement = Words(Entries[i].Replacement);
            for (var j = 0; j < Entries.Count; j++)
            {
                if (Contains(replacement, words[j]))
                    throw Refused(i, $"the replacement has the term {Shown(j)} in it");
                if (i != j && words[i].SequenceEqual(words[j]))
                    throw Refused(Math.Max(i, j), $"the term is that of entry {Math.Min(i, j) + 1}, too");
                if (i != j && Overlap(words[i], words[j]))
                    throw Refused(i, $"the term overlaps {Shown(j)}, so that both fit one place");
            }
        }
    }

    /// <summary>A dictionary without entries.</summary>
    public static AnchorDictionary Empty { get; } = new([]);

    /// <summary>The anchors.</summary>
    public IReadOnlyList<Anchor> Entries { get; }

    /// <summary>Reads JSON lines or a JSON array of <c>{"term": ..., "replacement": ..., "type": ...}</c>; the type may
    /// be left out.</summary>
    /// <exception cref="InputException">The file is missing, malformed or empty, or an entry is refused.</exception>
    public static AnchorDictionary Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var entries = JsonRows
            .Read(path)
            .Select(row => new Anchor(row.Text("term"), row.Text("replacement")) { Type = row["type"].AsString(null) })
            .ToArray();
        return entries.Length > 0
            ? new(entries, path)
            : throw new InputException($"{path}: has no anchor; needed is at least one.");
    }

    /// <summary>Every way in which a tokenizer writes the terms: after a blank, and where none stands
    /// before.</summary>
    /// <remarks>Terms are found as tokens: one that a longer word begins with is replaced there, too, where the word's
    /// tokens begin with the term's.</remarks>
    /// <exception cref="InputException">The tokenizer cannot write a term or its stand-in.</exception>
    public IReadOnlyList<TokenAnchor> Encode(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var anchors = new List<TokenAnchor>();
        for (var i = 0; i < Entries.Count; i++)
        {
            var known = anchors.Count;
            foreach (var (before, blank) in Contexts)
            {
                var term = After(tokenizer, before, blank + Entries[i].Term);
                var replacement = After(tokenizer, before, blank + Entries[i].Replacement);
                if (
                    term.Length > 0
                    && replacement.Length > 0
                    && !anchors.Skip(known).Any(other => other.Term.SequenceEqual(term))
                )
                    anchors.Add(new(i, term, replacement));
            }

            if (anchors.Count == known)
                throw Refused(i, "the tokenizer has no tokens for it");
        }

        return anchors;
    }

    private static int[] After(Tokenizer tokenizer, string before, string text)
    {
        var (start, whole) = (
            tokenizer.Encode(before, addSpecialTokens: false),
            tokenizer.Encode(before + text, addSpecialTokens: false)
        );
        var rest = whole.AsSpan().StartsWith(start) ? whole[start.Length..] : [];
        return rest.Any(tokenizer.IsSpecial) ? [] : rest;
    }

    private static string[] Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool Contains(string[] text, string[] part) =>
        Enumerable
            .Range(0, Math.Max(0, text.Length - part.Length + 1))
            .Any(start => text.AsSpan(start, part.Length).SequenceEqual(part));

    // The end of one is the beginning of the other; a term within a longer one is no overlap.
    private static bool Overlap(string[] first, string[] second) =>
        Enumerable
            .Range(1, Math.Max(0, Math.Min(first.Length, second.Length) - 1))
            .Any(count => first.AsSpan(first.Length - count).SequenceEqual(second.AsSpan(0, count)));

    private string Shown(int entry) => JsonField.Shown(Entries[entry].Term);

    private InputException Refused(int entry, string reason) =>
        new(
            $"{_place}: entry {entry + 1} ({Shown(entry)} for {JsonField.Shown(Entries[entry].Replacement)}): "
                + $"{reason}."
        );
}
