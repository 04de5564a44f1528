namespace Palimpsest.Tokenizers;

/// <summary>Tokens by id and ids by token.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids are below this, so that a hostile file cannot ask for gigabytes.</summary>
    public const int MostIds = 1 << 22;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly string?[] _tokens;

    private Vocabulary(Dictionary<string, int> ids, int size)
    {
        _ids = ids;
        _bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[size];
        foreach (var (token, id) in ids)
            _tokens[id] = token;
    }

    /// <summary>One past the largest id.</summary>
    public int Size => _tokens.Length;

    /// <summary>Number of tokens.</summary>
    public int Count => _ids.Count;

    /// <summary>Reads an object from token to id.</summary>
    /// <exception cref="InputException">An id is not in [0, 4194304) or appears twice, or a token appears
    /// twice.</exception>
    public static Vocabulary Read(JsonField field)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var byId = new Dictionary<int, string>();
        foreach (var (token, value) in field.Members())
        {
            var id = value.AsInteger(0, MostIds - 1);
            if (!ids.TryAdd(token, id))
                throw value.Error("the token is listed twice.");
            if (!byId.TryAdd(id, token))
                throw value.Error($"id {id} belongs to {JsonField.Shown(byId[id])} already.");
        }

        return new Vocabulary(ids, byId.Count == 0 ? 0 : byId.Keys.Max() + 1);
    }

    /// <summary>Tokens whose ids are their places; of equal tokens the last place counts.</summary>
    public static Vocabulary FromList(IReadOnlyList<string> tokens)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
            ids[tokens[id]] = id;
        return new Vocabulary(ids, tokens.Count);
    }

    /// <summary>The id of a token, or null.</summary>
    public int? IdOf(ReadOnlySpan<char> token) => _bySpan.TryGetValue(token, out var id) ? id : null;

    /// <summary>The token of an id, or null.</summary>
    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    /// <summary>The ids of <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, −1 where the vocabulary lacks one.</summary>
    public int[] ByteIds() => [.. Enumerable.Range(0, 256).Select(value => IdOf($"<0x{value:X2}>") ?? -1)];
}
