namespace Palimpsest.Tokenizers;

/// <summary>Which tokens begin, end and pad, as the files beside <c>tokenizer.json</c> say.</summary>
internal sealed class SpecialTokens
{
    private static readonly string[] Roles =
    [
        "bos_token",
        "eos_token",
        "unk_token",
        "sep_token",
        "pad_token",
        "cls_token",
        "mask_token",
    ];

    private readonly Dictionary<string, string> _byRole = new(StringComparer.Ordinal);

    private SpecialTokens() { }

    /// <summary>Token text by role, for example <c>bos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> ByRole => _byRole;

    /// <summary>Reads them and adds them to the vocabulary.</summary>
    public static SpecialTokens Read(JsonField config, JsonField map, AddedVocabulary vocabulary)
    {
        var special = new SpecialTokens();
        if (!config.IsNull && !config["added_tokens_decoder"].IsNull)
        {
            foreach (var (id, token) in config["added_tokens_decoder"].Members().ToArray())
                vocabulary.Add(AddedToken.Read(token, Id(id, token)), token);
        }

        foreach (var role in Roles)
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

        var others = First("additional_special_tokens", config, map);
        if (others.Value.ValueKind == System.Text.Json.JsonValueKind.Array)
        {
            foreach (var other in others.Elements())
                vocabulary.AddSpecial(Content(other), other);
        }

        return special;
    }

    private static JsonField First(string name, JsonField config, JsonField map)
    {
        var field = config.IsNull ? config : config[name];
        return field.IsNull && !map.IsNull ? map[name] : field;
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
