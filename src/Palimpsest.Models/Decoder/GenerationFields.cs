namespace Palimpsest.Models;

/// <summary>Every field of generation_config.json that transformers reads.</summary>
public static class GenerationFields
{
    /// <summary>How many tokens, by which search and with which probabilities: settings that a call gives
    /// here.</summary>
    internal static IReadOnlyList<string> Choices { get; } =
    [
        "assistant_confidence_threshold",
        "assistant_early_exit",
        "assistant_lookbehind",
        "diversity_penalty",
        "do_sample",
        "dola_layers",
        "early_stopping",
        "encoder_no_repeat_ngram_size",
        "encoder_repetition_penalty",
        "epsilon_cutoff",
        "eta_cutoff",
        "exponential_decay_length_penalty",
        "generation_kwargs",
        "guidance_scale",
        "is_assistant",
        "length_penalty",
        "low_memory",
        "max_length",
        "max_matching_ngram_size",
        "max_new_tokens",
        "max_time",
        "min_length",
        "min_new_tokens",
        "min_p",
        "no_repeat_ngram_size",
        "num_assistant_tokens",
        "num_assistant_tokens_schedule",
        "num_beam_groups",
        "num_beams",
        "num_return_sequences",
        "output_logits",
        "output_scores",
        "penalty_alpha",
        "prompt_lookup_num_tokens",
        "remove_invalid_values",
        "renormalize_logits",
        "repetition_penalty",
        "return_dict_in_generate",
        "target_lookbehind",
        "temperature",
        "token_healing",
        "top_h",
        "top_k",
        "top_p",
        "typical_p",
    ];

    /// <summary>What forbids or forces tokens whatever is chosen.</summary>
    internal static IReadOnlyList<string> Rewritings { get; } =
    [
        "bad_words_ids",
        "begin_suppress_tokens",
        "constraints",
        "force_words_ids",
        "forced_bos_token_id",
        "forced_decoder_ids",
        "forced_eos_token_id",
        "sequence_bias",
        "stop_strings",
        "suppress_tokens",
        "watermarking_config",
    ];

    /// <summary>The table.</summary>
    public static FieldTable Table { get; } =
        new([
            .. FieldTable.Obeyed("bos_token_id", "eos_token_id", "pad_token_id"),
            .. FieldTable.WithoutEffect("how an answer is chosen is for the caller to say", Choices),
            .. FieldTable.WithoutEffect(
                "says how to compute or what a call returns",
                "cache_config",
                "cache_implementation",
                "compile_config",
                "disable_compile",
                "output_attentions",
                "output_hidden_states",
                "prefill_chunk_size",
                "return_legacy_cache",
                "use_cache"
            ),
            .. FieldTable.WithoutEffect("belongs to encoder-decoder models", "decoder_start_token_id"),
            .. FieldTable.WithoutEffect(
                "says where the file comes from",
                "_commit_hash",
                "_from_model_config",
                "_original_object_hash",
                "trust_remote_code",
                "transformers_version"
            ),
            .. Rewritings.Select(name => new FieldRule(
                name,
                FieldUse.Refused,
                "it forbids or forces tokens whatever a call asks for"
            )),
        ]);

    /// <summary>Refuses fields that would change every answer, and says which ones nobody knows.</summary>
    /// <exception cref="InputException">A field is refused; it is named.</exception>
    public static void Check(JsonField root)
    {
        if (Table.Check(root) is not { Count: > 0 } unknown)
            return;
        var names = unknown.Select(field => JsonField.Shown(field.Path[(root.Path.Length + 2)..]));
        Notices.Say($"{root.Path}: not known, and passed over: {string.Join(", ", names)}.");
    }
}
