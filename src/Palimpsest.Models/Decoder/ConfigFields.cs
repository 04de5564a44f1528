namespace Palimpsest.Models;

/// <summary>Every field of config.json that transformers reads for the families that the decoder knows, and those that
/// published models carry beside them.</summary>
internal static class ConfigFields
{
    private static readonly string[] Ids = ["bos_token_id", "eos_token_id", "pad_token_id"];

    private static readonly string[] Common =
    [
        .. Ids,
        "initializer_range",
        "model_type",
        "tie_word_embeddings",
        "vocab_size",
    ];

    private static readonly string[] Rotary =
    [
        "original_max_position_embeddings",
        "partial_rotary_factor",
        "rope_parameters",
        "rope_scaling",
        "rope_theta",
        "rotary_emb_base",
        "rotary_pct",
    ];

    // Llama's spelling, which most families share.
    private static readonly string[] Standard =
    [
        .. Rotary,
        "head_dim",
        "hidden_size",
        "intermediate_size",
        "max_position_embeddings",
        "num_attention_heads",
        "num_hidden_layers",
        "num_key_value_heads",
    ];

    private static readonly string[] Window =
    [
        "layer_types",
        "max_window_layers",
        "sliding_window",
        "use_sliding_window",
    ];

    private static readonly string[] Experts = ["num_experts_per_tok", "router_aux_loss_coef"];

    private static readonly Dictionary<string, string[]> OfFamily = new(StringComparer.Ordinal)
    {
        ["gemma2"] =
        [
            .. Standard,
            "attention_bias",
            "attn_logit_softcapping",
            "final_logit_softcapping",
            "hidden_activation",
            "layer_types",
            "query_pre_attn_scalar",
            "rms_norm_eps",
            "sliding_window",
        ],
        ["gpt2"] =
        [
            "activation_function",
            "layer_norm_epsilon",
            "n_embd",
            "n_head",
            "n_inner",
            "n_layer",
            "n_positions",
            "scale_attn_by_inverse_layer_idx",
            "scale_attn_weights",
        ],
        ["gpt_neo"] =
        [
            "activation_function",
            "attention_layers",
            "attention_types",
            "hidden_size",
            "intermediate_size",
            "layer_norm_epsilon",
            "max_position_embeddings",
            "num_heads",
            "num_layers",
            "window_size",
        ],
        ["gpt_neox"] =
        [
            .. Standard.Except(["num_key_value_heads"]),
            "attention_bias",
            "hidden_act",
            "layer_norm_eps",
            "use_parallel_residual",
        ],
        ["llama"] = [.. Standard, "attention_bias", "hidden_act", "mlp_bias", "rms_norm_eps"],
        ["mistral"] = [.. Standard, "hidden_act", "rms_norm_eps", "sliding_window"],
        ["mixtral"] = [.. Standard, .. Experts, "hidden_act", "num_local_experts", "rms_norm_eps", "sliding_window"],
        ["olmo2"] = [.. Standard, "attention_bias", "hidden_act", "rms_norm_eps"],
        ["olmoe"] =
        [
            .. Standard,
            .. Experts,
            "attention_bias",
            "clip_qkv",
            "hidden_act",
            "norm_topk_prob",
            "num_experts",
            "rms_norm_eps",
        ],
        ["phi"] = [.. Standard, "hidden_act", "layer_norm_eps", "qk_layernorm"],
        ["phi3"] = [.. Standard, "hidden_act", "rms_norm_eps", "sliding_window"],
        ["qwen2"] = [.. Standard, .. Window, "hidden_act", "rms_norm_eps"],
        ["qwen2_moe"] =
        [
            .. Standard,
            .. Window,
            .. Experts,
            "decoder_sparse_step",
            "hidden_act",
            "mlp_only_layers",
            "moe_intermediate_size",
            "norm_topk_prob",
            "num_experts",
            "qkv_bias",
            "rms_norm_eps",
            "shared_expert_intermediate_size",
        ],
        ["qwen3"] = [.. Standard, .. Window, "attention_bias", "hidden_act", "rms_norm_eps"],
    };

    // Fields that a family's files have and its model does not read.
    private static readonly Dictionary<string, string[]> Unread = new(StringComparer.Ordinal)
    {
        ["gemma2"] = ["hidden_act"],
        ["gpt_neox"] = ["num_key_value_heads"],
    };

    private static readonly FieldRule[] Others =
    [
        .. FieldTable.WithoutEffect(
            "says where the model comes from",
            "_commit_hash",
            "_name_or_path",
            "architectures",
            "auto_map",
            "finetuning_task",
            "is_llama_config",
            "language",
            "model_name",
            "name_or_path",
            "transformers.js_config",
            "transformers_version",
            "unsloth_fixed",
            "unsloth_version"
        ),
        .. FieldTable.WithoutEffect("all arithmetic is float32", "dtype", "torch_dtype", "use_bfloat16"),
        .. FieldTable.WithoutEffect(
            "says how to compute, not what",
            "_attn_implementation",
            "_attn_implementation_autoset",
            "_attn_implementation_internal",
            "_experts_implementation",
            "attn_implementation",
            "cache_implementation",
            "chunk_size_feed_forward",
            "flash_attn",
            "fused_dense",
            "fused_mlp",
            "gradient_checkpointing",
            "pretraining_tp",
            "reorder_and_upcast_attn",
            "rope_interleaved",
            "torchscript",
            "use_cache",
            "use_flash_attention"
        ),
        .. FieldTable.WithoutEffect(
            "a dropout or a loss of transformers' own training; nothing is dropped here",
            "attention_dropout",
            "attention_probs_dropout_prob",
            "attn_pdrop",
            "classifier_dropout",
            "classifier_dropout_prob",
            "embd_pdrop",
            "embed_dropout",
            "hidden_dropout",
            "hidden_dropout_prob",
            "output_router_logits",
            "resid_dropout",
            "resid_pdrop",
            "router_jitter_noise",
            "tf_legacy_loss"
        ),
        .. FieldTable.WithoutEffect(
            "belongs to heads, or to a second model, that are not there",
            "cross_attention_hidden_size",
            "decoder_start_token_id",
            "id2label",
            "is_decoder",
            "label2id",
            "num_labels",
            "prefix",
            "problem_type",
            "sep_token_id",
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj",
            "task_specific_params",
            "tie_encoder_decoder",
            "tokenizer_class"
        ),
        .. FieldTable.WithoutEffect(
            "says what a call returns",
            "output_attentions",
            "output_hidden_states",
            "return_dict",
            "use_return_dict"
        ),
        .. FieldTable.WithoutEffect("another field says it, and is read", "n_ctx"),
        .. FieldTable.WithoutEffect(
            "how an answer is chosen is for the caller to say",
            [.. GenerationFields.Choices, .. GenerationFields.Rewritings]
        ),
        new("add_cross_attention", FieldUse.Refused),
        new("compression_config", FieldUse.Refused, "only plain floating-point weights are read"),
        new("is_encoder_decoder", FieldUse.Refused),
        new("per_layer_config", FieldUse.Refused),
        new("pruned_heads", FieldUse.Refused),
        new("quantization", FieldUse.Refused, "only plain floating-point weights are read"),
        new("quantization_config", FieldUse.Refused, "only plain floating-point weights are read"),
        new("use_bidirectional_attention", FieldUse.Refused),
    ];

    private static readonly FieldTable Rope = new([
        .. FieldTable.Obeyed(
            "attention_factor",
            "beta_fast",
            "beta_slow",
            "factor",
            "high_freq_factor",
            "long_factor",
            "low_freq_factor",
            "mscale",
            "mscale_all_dim",
            "original_max_position_embeddings",
            "partial_rotary_factor",
            "rope_theta",
            "rope_type",
            "short_factor",
            "truncate",
            "type"
        ),
        .. FieldTable.WithoutEffect("says where the scaling comes from", "finetuned"),
    ]);

    private static readonly Dictionary<string, FieldTable> Tables = OfFamily.ToDictionary(
        family => family.Key,
        family => new FieldTable([
            .. FieldTable.Obeyed([.. Common, .. family.Value]),
            .. FieldTable.WithoutEffect(
                "transformers does not read it for this family",
                Unread.GetValueOrDefault(family.Key, [])
            ),
            .. Others,
        ]),
        StringComparer.Ordinal
    );

    /// <summary>The table of a family.</summary>
    public static FieldTable Of(string family) => Tables[family];

    /// <summary>Refuses fields that would change what is computed, and says which ones nobody knows.</summary>
    /// <exception cref="InputException">A field is refused; it is named.</exception>
    public static void Check(JsonField root, string family)
    {
        if (Of(family).Check(root) is { Count: > 0 } unknown)
        {
            var names = unknown.Select(field => field.Path[(root.Path.Length + 2)..]);
            Notices.Say(
                $"{root.Path}: not known for a {family} model, and passed over: "
                    + $"{string.Join(", ", names.Select(JsonField.Shown))}."
            );
        }

        foreach (var name in (string[])["rope_parameters", "rope_scaling"])
        {
            var field = root[name];
            if (field.Value.ValueKind == System.Text.Json.JsonValueKind.Object && Rope.Check(field) is [var odd, ..])
                throw odd.Error(
                    $"{JsonField.Shown(odd.Value.GetRawText())} is not supported; known are "
                        + $"{string.Join(", ", Rope.Rules.Select(rule => rule.Name))}."
                );
        }
    }
}
