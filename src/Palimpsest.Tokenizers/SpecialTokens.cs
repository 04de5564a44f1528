namespace Palimpsest.Tokenizers;

/// <summary>Which tokens begin, end and pad, as the files beside <c>tokenizer.json</c> say.</summary>
internal sealed class SpecialTokens
{
    private readonly Dictionary<string, string> _byRole = new(StringComparer.Ordinal);

    private SpecialTokens() { }

    /// <summary>Token text by role, for example <c>bos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> ByRole => _byRole;

    /// <summary>Reads them and adds them to the vocabulary.</summary>
    /// <param name="config">tokenizer_config.json.</param>
    /// <param name="map">special_tokens_map.json; it stands above the first where that lists no added tokens.</param>
    /// <param name="added">added_tokens.json; read where the first lists no added tokens.</param>
    /// <param name="vocabulary">Where they go.</param>
    public static SpecialTokens Read(JsonField config, JsonField map, JsonField added, AddedVocabulary vocabulary)
    {
        var special = new SpecialTokens();
        if (!config.IsNull && !config["added_tokens_decoder"].IsNull)
        {
            foreach (var (id, token) in config["added_tokens_decoder"].Members().ToArray())
                vocabulary.Add(AddedToken.Read(token, Id(id, token)), token);
        }
        else if (!added.IsNull)
        {
            Add(added, vocabulary);
        }

        foreach (var role in TokenizerFields.Roles)
        {
            var field = First(role, config, map);
            if (field.IsNull)
                continue;
            var content = Content(field);
            if (content.Length == 0)
                continue;
            special._byRole[role] = content;
            vocabulary.AddSpecial(content, field);
        }

        special.AddNamed(config.IsNull ? config : config["extra_special_tokens"], vocabulary);
        AddUnnamed(First("additional_special_tokens", config, map), vocabulary);
        return special;
    }

    /// <summary>Tokens with names of the file's own, which its template can use, or without.</summary>
    private void AddNamed(JsonField extra, AddedVocabulary vocabulary)
    {
        AddUnnamed(extra, vocabulary);
        if (extra.Value.ValueKind != System.Text.Json.JsonValueKind.Object)
            return;
        foreach (var (name, field) in extra.Members())
        {
            _byRole[name] = Content(field);
            vocabulary.AddSpecial(Content(field), field);
        }
    }

    private static void AddUnnamed(JsonField tokens, AddedVocabulary vocabulary)
    {
        if (tokens.Value.ValueKind != System.Text.Json.JsonValueKind.Array)
            return;
        foreach (var token in tokens.Elements())
            vocabulary.AddSpecial(Content(token), token);
    }

    private static JsonField First(string name, JsonField config, JsonField map)
    {
        var (field, mapped) = (config.IsNull ? config : config[name], map.IsNull ? map : map[name]);
        var isOlder = config.IsNull || config["added_tokens_decoder"].IsNull;
        return field.IsNull || (isOlder && !mapped.IsNull) ? mapped : field;
    }

    /// <summary>Tokens of folders that list them in a file of their own.</summary>
    private static void Add(JsonField added, AddedVocabulary vocabulary)
    {
        foreach (var (content, field) in added.Members().ToArray())
        {
            var id = field.AsInteger(0, Vocabulary.MostIds - 1);
            if (vocabulary.IdOf(content) is { } known && known != id)
                throw field.Error($"id {id} is not what tokenizer.json says: {known}.");
            vocabulary.Add(new AddedToken(id, content) { IsNormalized = true }, field);
        }
    }

    private static string Content(JsonField field) =>
        field.Value.ValueKind == System.Text.Json.JsonValueKind.Object ? field["content"].AsString() : field.AsString();

    private static int Id(string text, JsonField field) =>
        int.TryParse(
            text,
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out var id
        )
        && id < Vocabulary.MostIds
            ? id
            : throw field.Error($"{JsonField.Shown(text)} is not an id in [0, {Vocabulary.MostIds}).");
}
