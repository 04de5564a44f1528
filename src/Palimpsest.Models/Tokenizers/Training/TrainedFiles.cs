using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>The files of a tokenizer that was trained here, as other programs read them.</summary>
internal static class TrainedFiles
{
    /// <summary>Special tokens; their ids are their places.</summary>
    public static readonly string[] Special = ["<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>"];

    private const string Template =
        "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}<|user|>{{ m['content'] }}{% elif m['role'] == 'assistant' %}"
        + "<|assistant|>{{ m['content'] }}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A tokenizer with the given stages; <paramref name="unknown"/> is the unknown token's text, after the special tokens.</summary>
    public static Tokenizer Build(JsonObject preTokenizer, JsonObject decoder, JsonObject model, string? unknown = null)
    {
        string[] special = unknown is null ? Special : [.. Special, unknown];
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. special.Select((token, id) => Added(token, id))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = BosProcessor(),
            ["decoder"] = decoder,
            ["model"] = model,
        };
        return new Tokenizer(new TokenizerFiles("the trained tokenizer", new Dictionary<string, byte[]>
        {
            [TokenizerFiles.TokenizerName] = Bytes(root),
            [TokenizerFiles.ConfigName] = Bytes(Config(special, unknown)),
            [TokenizerFiles.SpecialTokensName] = Bytes(Roles(unknown)),
            [TokenizerFiles.TemplateName] = Encoding.UTF8.GetBytes(Template),
        }));
    }

    private static JsonObject Config(string[] special, string? unknown)
    {
        var config = Roles(unknown);
        config["added_tokens_decoder"] = new JsonObject(special.Select((token, id) =>
        {
            var entry = Added(token, id);
            entry.Remove("id");
            return KeyValuePair.Create($"{id}", (JsonNode?)entry);
        }));
        config["clean_up_tokenization_spaces"] = false;
        config["model_max_length"] = 1_000_000_000;
        config["tokenizer_class"] = "PreTrainedTokenizerFast";
        return config;
    }

    private static JsonObject Roles(string? unknown)
    {
        var roles = new JsonObject { ["bos_token"] = Special[1], ["eos_token"] = Special[2], ["pad_token"] = Special[0] };
        if (unknown is not null)
            roles["unk_token"] = unknown;
        return roles;
    }

    private static JsonObject Added(string token, int id) => new()
    {
        ["id"] = id,
        ["content"] = token,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject BosProcessor()
    {
        var bos = Special[1];
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Token(bos), Text("A")),
            ["pair"] = new JsonArray(Token(bos), Text("A"), Token(bos), Text("B")),
            ["special_tokens"] = new JsonObject
            {
                [bos] = new JsonObject { ["id"] = bos, ["ids"] = new JsonArray(1), ["tokens"] = new JsonArray(bos) },
            },
        };
    }

    private static JsonObject Token(string name) => new() { ["SpecialToken"] = new JsonObject { ["id"] = name, ["type_id"] = 0 } };

    private static JsonObject Text(string name) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = 0 } };

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, Indented);
}
