namespace Palimpsest.Tokenizers;

/// <summary>Which pairs of tokens merge, in which order, into what.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<long, (int Rank, int Id)> _merges = [];

    /// <summary>Reads the list of merges, each a pair of strings or one string with a blank between.</summary>
    /// <exception cref="InputException">A merge names a token that the vocabulary lacks.</exception>
    public static MergeTable Read(JsonField field, Vocabulary vocabulary, string continuingPrefix)
    {
        var table = new MergeTable();
        var rank = 0;
        foreach (var merge in field.Elements())
        {
            var (left, right) = Pair(merge);
            var tail = right.StartsWith(continuingPrefix, StringComparison.Ordinal)
                ? right[continuingPrefix.Length..]
                : right;
            var merged = Id(merge, vocabulary, left + tail);
            table._merges[Key(Id(merge, vocabulary, left), Id(merge, vocabulary, right))] = (rank++, merged);
        }

        return table;
    }

    /// <summary>The merge of two neighbours; false when they do not merge.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Id) merge) =>
        _merges.TryGetValue(Key(left, right), out merge);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private static int Id(JsonField merge, Vocabulary vocabulary, string token) =>
        vocabulary.IdOf(token) ?? throw merge.Error($"{JsonField.Shown(token)} is not in the vocabulary.");

    /// <summary>The two tokens of a merge, a pair of strings or one string with a blank between.</summary>
    /// <exception cref="InputException">It is neither.</exception>
    public static (string Left, string Right) Pair(JsonField merge)
    {
        if (merge.Value.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            var text = merge.AsString();
            var blank = text.IndexOf(' ', StringComparison.Ordinal);
            return blank > 0 && blank < text.Length - 1 && text.IndexOf(' ', blank + 1) < 0
                ? (text[..blank], text[(blank + 1)..])
                : throw merge.Error($"{JsonField.Shown(text)} is not two tokens with a blank between.");
        }

        var parts = merge.Elements().Take(3).Select(part => part.AsString()).ToArray();
        return parts.Length == 2 ? (parts[0], parts[1]) : throw merge.Error("a merge is a pair of tokens.");
    }
}
