using System.Text;
using System.Text.Json.Nodes;

namespace Palimpsest.Tokenizers;

/// <summary>The files of a tokenizer that was trained here, as other programs read them.</summary>
internal static class TrainedFiles
{
    /// <summary>Special tokens; their ids are their places.</summary>
    public static readonly string[] Special = ["<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>"];

    private const string Template =
        "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}<|user|>{{ m['content'] }}{% elif m['role'] "
        + "== 'assistant' %}"
        + "<|assistant|>{{ m['content'] }}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt "
        + "%}<|assistant|>{% endif %}";

    /// <summary>A tokenizer with the given stages; <paramref name="unknown"/> is the unknown token's text, after the
    /// special tokens.</summary>
    public static Tokenizer Build(JsonObject preTokenizer, JsonObject decoder, JsonObject model, string? unknown = null)
    {
        string[] special = unknown is null ? Special : [.. Special, unknown];
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. special.Select((token, id) => TokenizerJson.Added(token, id))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = TokenizerJson.Adding((Special[1], 1), null),
            ["decoder"] = decoder,
            ["model"] = model,
        };
        return new Tokenizer(
            new TokenizerFiles(
                "the trained tokenizer",
                new Dictionary<string, byte[]>
                {
                    [TokenizerFiles.TokenizerName] = TokenizerJson.Bytes(root),
                    [TokenizerFiles.ConfigName] = TokenizerJson.Bytes(Config(special, unknown)),
                    [TokenizerFiles.SpecialTokensName] = TokenizerJson.Bytes(Roles(unknown)),
                    [TokenizerFiles.TemplateName] = Encoding.UTF8.GetBytes(Template),
                }
            )
        );
    }

    private static JsonObject Config(string[] special, string? unknown)
    {
        var config = Roles(unknown);
        config["added_tokens_decoder"] = new JsonObject(
            special.Select(
                (token, id) =>
                {
                    var entry = TokenizerJson.Added(token, id);
                    entry.Remove("id");
                    return KeyValuePair.Create($"{id}", (JsonNode?)entry);
                }
            )
        );
        config["clean_up_tokenization_spaces"] = false;
        config["model_max_length"] = 1_000_000_000;
        config["tokenizer_class"] = "PreTrainedTokenizerFast";
        return config;
    }

    private static JsonObject Roles(string? unknown)
    {
        var roles = new JsonObject
        {
            ["bos_token"] = Special[1],
            ["eos_token"] = Special[2],
            ["pad_token"] = Special[0],
        };
        if (unknown is not null)
            roles["unk_token"] = unknown;
        return roles;
    }
}
