namespace Palimpsest.Checkpoints;

/// <summary>Every field of adapter_config.json that PEFT, or a program that writes PEFT's layout, may have put
/// there.</summary>
internal static class LoraFields
{
    private const string Base =
        "the adapter belongs to a base whose weights its initialisation changed; PEFT's save_pretrained with "
        + "path_initial_model_for_weight_conversion makes a plain one of it";

    /// <summary>The table.</summary>
    public static FieldTable Table { get; } =
        new([
            .. FieldTable.Obeyed(
                "alpha_pattern",
                "base_model_name_or_path",
                "bias",
                "exclude_modules",
                "init_lora_weights",
                "layers_pattern",
                "layers_to_transform",
                "lora_alpha",
                "modules_to_save",
                "peft_type",
                "r",
                "rank_pattern",
                "target_modules",
                "use_dora",
                "use_rslora"
            ),
            .. FieldTable.WithoutEffect(
                "says where the adapter comes from",
                "auto_mapping",
                "inference_mode",
                "peft_version",
                "revision",
                "task_type"
            ),
            .. FieldTable.WithoutEffect(
                "matters while training alone",
                "lora_dropout",
                "lora_dtype",
                "lorap_emb_lr",
                "lorap_lr_ratio",
                "velora_config"
            ),
            .. FieldTable.WithoutEffect(
                "settles how a new adapter starts; the tensors are there",
                "corda_config",
                "eva_config",
                "loftq_config",
                "lora_ga_config"
            ),
            .. FieldTable.WithoutEffect("the model says how its weights lie", "fan_in_fan_out"),
            .. FieldTable.WithoutEffect("names a library that megatron_config would use", "megatron_core"),
            .. FieldTable.WithoutEffect("matters with use_qalora alone", "qalora_group_size"),
            .. FieldTable.WithoutEffect(
                "says how to compute, not what",
                "enable_lora",
                "merge_weights",
                "runtime_config"
            ),
            .. Refused(
                "alora_invocation_tokens",
                "arrow_config",
                "ensure_weight_tying",
                "kasa_config",
                "layer_replication",
                "lora_bias",
                "megatron_config",
                "monteclora_config",
                "target_parameters",
                "trainable_token_indices",
                "use_bdlora",
                "use_qalora"
            ),
        ]);

    /// <summary>Refuses fields that would change what is computed, those that nobody knows included.</summary>
    /// <exception cref="InputException">There is one; it is named.</exception>
    public static void Check(JsonField root)
    {
        if (Table.Check(root) is [var unknown, ..])
            throw unknown.Error(
                $"{JsonField.Shown(unknown.Value.GetRawText())} is not known; a field of a later PEFT may change what "
                    + "the adapter computes. Allowed is null."
            );
        if (root["peft_type"].AsString(null) is var kind and not "LORA")
            throw root["peft_type"].Error($"'{kind}' is not supported; supported is LORA.");
        if (root["bias"].AsString(null) is { } bias and not "none")
            throw root["bias"].Error($"'{bias}' is not supported; supported is none.");
        CheckStart(root["init_lora_weights"]);
    }

    // What these did to the base's weights when the adapter was made, PEFT does again when it loads it.
    private static void CheckStart(JsonField start)
    {
        if (start.Value.ValueKind != System.Text.Json.JsonValueKind.String)
        {
            start.AsBoolean(true);
            return;
        }

        if (start.AsString().ToLowerInvariant() is not ("gaussian" or "eva" or "orthogonal" or "mica" or "true"))
            throw start.Error(
                $"{JsonField.Shown(start.AsString())} is not supported ({Base}); supported are true, false, gaussian, "
                    + "eva, orthogonal, mica."
            );
    }

    private static IEnumerable<FieldRule> Refused(params IEnumerable<string> names) =>
        names.Select(name => new FieldRule(name, FieldUse.Refused));
}
