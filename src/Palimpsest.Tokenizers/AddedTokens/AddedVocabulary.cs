namespace Palimpsest.Tokenizers;

/// <summary>A model's vocabulary and the tokens added to it.</summary>
internal sealed class AddedVocabulary(Vocabulary model)
{
    private const int LongestToken = 1024;
    private readonly Dictionary<string, AddedToken> _byText = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _byId = [];

    /// <summary>One past the largest id.</summary>
    public int Size { get; private set; } = model.Size;

    /// <summary>The added tokens.</summary>
    public IEnumerable<AddedToken> Added => _byText.Values;

    /// <summary>Adds a token; one that the model knows gets the model's id, one that was added before is left as it
    /// is.</summary>
    /// <exception cref="InputException">The id belongs to another token, or the text is too long.</exception>
    public void Add(AddedToken token, JsonField source)
    {
        if (token.Content.Length == 0 || _byText.ContainsKey(token.Content))
            return;
        if (token.Content.Length > LongestToken)
            throw source.Error($"a token of {token.Content.Length} characters; at most {LongestToken} are allowed.");
        token = token with { Id = model.IdOf(token.Content) ?? token.Id };
        var taken = _byId.GetValueOrDefault(token.Id)?.Content ?? model.TokenOf(token.Id);
        if (taken is not null && taken != token.Content)
            throw source.Error(
                $"id {token.Id} of {JsonField.Shown(token.Content)} belongs to {JsonField.Shown(taken)} already."
            );
        _byText.Add(token.Content, token);
        _byId[token.Id] = token;
        Size = Math.Max(Size, token.Id + 1);
    }

    /// <summary>Adds a special token of that name, or makes a known one special.</summary>
    public void AddSpecial(string content, JsonField source)
    {
        if (_byText.TryGetValue(content, out var known))
            _byText[content] = _byId[known.Id] = known with { IsSpecial = true };
        else
            Add(new AddedToken(Size, content) { IsSpecial = true }, source);
    }

    /// <summary>The id of a token, or null.</summary>
    public int? IdOf(string token) => _byText.TryGetValue(token, out var added) ? added.Id : model.IdOf(token);

    /// <summary>The token of an id, or null.</summary>
    public string? TokenOf(int id) => _byId.TryGetValue(id, out var added) ? added.Content : model.TokenOf(id);

    /// <summary>Whether decoding can leave an id out.</summary>
    public bool IsSpecial(int id) => _byId.TryGetValue(id, out var added) && added.IsSpecial;
}
