namespace Palimpsest.Tokenizers;

/// <summary>Every field of tokenizer_config.json and special_tokens_map.json that transformers and its fast classes
/// read.</summary>
public static class TokenizerFields
{
    private const string SlowOnly = "only the classes without tokenizer.json read it";

    /// <summary>Fields that name a token's text by its role.</summary>
    internal static IReadOnlyList<string> Roles { get; } =
    ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>The fields of tokenizer_config.json.</summary>
    public static FieldTable Table { get; } =
        new([
            .. FieldTable.Obeyed([
                .. Roles,
                "add_bos_token",
                "add_eos_token",
                "add_prefix_space",
                "added_tokens_decoder",
                "additional_special_tokens",
                "chat_template",
                "clean_up_tokenization_spaces",
                "do_lower_case",
                "extra_special_tokens",
                "strip_accents",
                "tokenize_chinese_chars",
                "tokenizer_class",
            ]),
            new FieldRule(
                "split_special_tokens",
                FieldUse.Refused,
                "the names of special tokens would not stand for them; a call can ask for that",
                "false"
            ),
            .. FieldTable.WithoutEffect(
                "a call says how long and how padded a batch is",
                "max_len",
                "max_length",
                "model_max_length",
                "pad_to_multiple_of",
                "pad_token_type_id",
                "padding",
                "padding_side",
                "stride",
                "truncation",
                "truncation_side",
                "truncation_strategy"
            ),
            .. FieldTable.WithoutEffect("says what a call returns", "model_input_names", "verbose", "response_schema"),
            .. FieldTable.WithoutEffect(
                "says where the files come from",
                "_commit_hash",
                "added_tokens_file",
                "auto_map",
                "backend",
                "fast_tokenizer_files",
                "from_slow",
                "gguf_file",
                "init_inputs",
                "is_local",
                "merges_file",
                "name_or_path",
                "processor_class",
                "special_tokens_map_file",
                "spm_file",
                "tokenizer_file",
                "transformers_version",
                "trust_remote_code",
                "use_fast",
                "vocab_file"
            ),
            .. FieldTable.WithoutEffect(
                SlowOnly,
                "clean_text",
                "do_basic_tokenize",
                "errors",
                "keep_accents",
                "legacy",
                "never_split",
                "remove_space",
                "sp_model_kwargs",
                "spaces_between_special_tokens",
                "wordpieces_prefix"
            ),
            .. FieldTable.WithoutEffect("belongs to the offsets of spans, which are never cut here", "trim_offsets"),
            .. FieldTable.WithoutEffect("belongs to a template of earlier versions", "use_default_system_prompt"),
            .. FieldTable.WithoutEffect(
                "belongs to texts with a gap, which no verb makes",
                "eot_token",
                "fill_token",
                "middle_token",
                "prefix_token",
                "suffix_first",
                "suffix_token"
            ),
        ]);

    /// <summary>The fields of special_tokens_map.json.</summary>
    public static FieldTable Map { get; } = new(FieldTable.Obeyed([.. Roles, "additional_special_tokens"]));

    /// <summary>Refuses fields that would change every text's tokens or that say something else than tokenizer.json,
    /// and says which ones nobody knows.</summary>
    /// <param name="config">tokenizer_config.json, or null.</param>
    /// <param name="map">special_tokens_map.json, or null.</param>
    /// <param name="root">tokenizer.json.</param>
    /// <exception cref="InputException">A field is refused; it is named.</exception>
    public static void Check(JsonField config, JsonField map, JsonField root)
    {
        if (!map.IsNull)
            SayUnknown(map, Map.Check(map));
        if (config.IsNull)
            return;
        SayUnknown(config, Table.Check(config));
        RequireSamePrefix(config["add_prefix_space"], root);
        if (config["tokenizer_class"].AsString("PreTrainedTokenizerFast") == "PreTrainedTokenizerFast")
            return;
        var normalizer = root["normalizer"];
        if (normalizer.IsNull || normalizer["type"].AsString() != "BertNormalizer")
            return;
        RequireSame(config["do_lower_case"], normalizer["lowercase"]);
        RequireSame(config["strip_accents"], normalizer["strip_accents"]);
        RequireSame(config["tokenize_chinese_chars"], normalizer["handle_chinese_chars"]);
    }

    /// <summary>transformers rewrites the first stage where this field differs from it.</summary>
    private static void RequireSamePrefix(JsonField said, JsonField root)
    {
        if (said.IsNull)
            return;
        var first = root["pre_tokenizer"];
        var kind = first.IsNull ? null : first["type"].AsString();
        if (kind == "ByteLevel")
            RequireSame(said, first["add_prefix_space"]);
        else if (!said.AsBoolean(true) && kind == "Metaspace" && Prepends(first))
            throw Differs(said, first);
    }

    private static bool Prepends(JsonField metaspace) =>
        metaspace["add_prefix_space"].AsBoolean(true) && metaspace["prepend_scheme"].AsString("always") != "never";

    private static void RequireSame(JsonField said, JsonField own)
    {
        if (!said.IsNull && said.AsBoolean(false) != own.AsBoolean(!said.AsBoolean(false)))
            throw Differs(said, own);
    }

    private static InputException Differs(JsonField said, JsonField own) =>
        said.Error($"{JsonField.Shown(said.Value.GetRawText())} is not what tokenizer.json says at {own.Path}.");

    private static void SayUnknown(JsonField root, IReadOnlyList<JsonField> unknown)
    {
        if (unknown.Count == 0)
            return;
        var names = unknown.Select(field => JsonField.Shown(field.Path[(root.Path.Length + 2)..]));
        Notices.Say($"{root.Path}: not known, and passed over: {string.Join(", ", names)}.");
    }
}
