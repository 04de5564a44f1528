namespace Palimpsest.Tokenizers;

/// <summary>The begin and end tokens that tokenizer_config.json asks for by <c>add_bos_token</c> and
/// <c>add_eos_token</c>.</summary>
/// <remarks>transformers' classes of Llama's kind make their post-processor of these two fields and pass over the one
/// of tokenizer.json; all other classes do the opposite.</remarks>
internal static class AddedEnds
{
    // Class, and its begin and end tokens where the file names none.
    private static readonly Dictionary<string, (string Begin, string End)> Classes = new(StringComparer.Ordinal)
    {
        ["LlamaTokenizer"] = ("<s>", "</s>"),
        ["CodeLlamaTokenizer"] = ("<s>", "</s>"),
        ["GemmaTokenizer"] = ("<bos>", "<eos>"),
        ["CohereTokenizer"] = ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
    };

    /// <summary>The post-processor of a class of Llama's kind; null for any other.</summary>
    /// <param name="config">tokenizer_config.json.</param>
    /// <param name="special">Tokens by role.</param>
    /// <param name="idOf">A token's id, or null.</param>
    /// <exception cref="InputException">A token is to be added that the vocabulary lacks.</exception>
    public static TemplatePostProcessor? Read(JsonField config, SpecialTokens special, Func<string, int?> idOf)
    {
        if (config.IsNull || config["tokenizer_class"].AsString(null) is not { } name)
            return null;
        var kind = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^"Fast".Length] : name;
        if (!Classes.TryGetValue(kind, out var tokens))
            return null;
        return new(
            Added(config["add_bos_token"], true, "bos_token", tokens.Begin),
            Added(config["add_eos_token"], false, "eos_token", tokens.End)
        );

        int[] Added(JsonField flag, bool ifAbsent, string role, string usual)
        {
            if (!flag.AsBoolean(ifAbsent))
                return [];
            var token = special.ByRole.GetValueOrDefault(role, usual);
            return idOf(token) is { } id
                ? [id]
                : throw flag.Error($"the token {JsonField.Shown(token)} that it adds is not in the vocabulary.");
        }
    }

    /// <summary>What a file says of adding a token, or null where it says nothing.</summary>
    public static bool? Said(JsonField config, string field) =>
        config.IsNull || config[field].IsNull ? null : config[field].AsBoolean(false);
}
