using System.Text;
using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>Tokenizers from the metadata of GGUF files, by way of the files that Hugging Face folders hold.</summary>
public static class GgufTokenizer
{
    private const string ModelKey = "tokenizer.ggml.model";

    /// <summary>Reads vocabulary, special tokens and chat template.</summary>
    /// <remarks>
    /// Kinds <c>gpt2</c> (byte-level BPE with the cutting that <c>tokenizer.ggml.pre</c> names) and <c>llama</c>
    /// (pieces with scores and byte fallback). Saved, the result is an ordinary tokenizer.json.
    /// </remarks>
    /// <exception cref="InputException">The file has no tokenizer, or one of a kind that is not known, or a key does
    /// not fit.</exception>
    public static Tokenizer Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var metadata = file.Metadata;
        var kind =
            metadata.Text(ModelKey)
            ?? throw new InputException($"{metadata.File}: key '{ModelKey}' is missing; the file has no tokenizer.");
        var vocabulary = GgufVocabulary.Read(metadata);
        var special = GgufSpecialTokens.Read(metadata);
        var root = kind switch
        {
            "gpt2" => ByteLevel(vocabulary, special),
            "llama" => GgufPieces.ToJson(vocabulary, special),
            _ => throw metadata.Refuse(ModelKey, "gpt2 or llama"),
        };
        root["added_tokens"] = vocabulary.AddedTokens();
        return new Tokenizer(new TokenizerFiles(file.Path, Files(root, vocabulary, special)));
    }

    private static JsonObject ByteLevel(GgufVocabulary vocabulary, GgufSpecialTokens special)
    {
        var metadata = vocabulary.Metadata;
        var splitting = GgufSplitting.Of(metadata);
        var merges =
            metadata.Texts("tokenizer.ggml.merges")
            ?? throw new InputException($"{metadata.File}: key 'tokenizer.ggml.merges' is missing.");
        return new()
        {
            ["version"] = "1.0",
            ["normalizer"] = null,
            ["pre_tokenizer"] = splitting.ToJson(),
            ["post_processor"] = Surrounding(vocabulary, special, splitting.AddsBegin),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = null,
                ["byte_fallback"] = false,
                ["ignore_merges"] = splitting.PrefersWhole,
                ["vocab"] = vocabulary.ToJson(),
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    /// <summary>What adds the begin and the end token, or null.</summary>
    internal static JsonObject? Surrounding(GgufVocabulary vocabulary, GgufSpecialTokens special, bool addsBegin)
    {
        return TokenizerJson.Adding(Token("bos", addsBegin, special.Begin), Token("eos", false, special.End));

        (string, int)? Token(string role, bool ifAbsent, int? id)
        {
            var key = $"tokenizer.ggml.add_{role}_token";
            if (!vocabulary.Metadata.Flag(key, ifAbsent))
                return null;
            return id is { } known
                ? (vocabulary.Tokens[known], known)
                : throw new InputException(
                    $"{vocabulary.Metadata.File}: key '{key}' is true, but 'tokenizer.ggml.{role}_token_id' is missing."
                );
        }
    }

    private static Dictionary<string, byte[]> Files(
        JsonObject root,
        GgufVocabulary vocabulary,
        GgufSpecialTokens special
    )
    {
        var config = new JsonObject
        {
            ["clean_up_tokenization_spaces"] = false,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        (string, int?)[] roles =
        [
            ("bos_token", special.Begin),
            ("eos_token", special.End),
            ("unk_token", special.Unknown),
            ("pad_token", special.Pad),
        ];
        foreach (var (role, id) in roles)
        {
            if (id is { } known)
                config[role] = vocabulary.Tokens[known];
        }

        var files = new Dictionary<string, byte[]>
        {
            [TokenizerFiles.TokenizerName] = TokenizerJson.Bytes(root),
            [TokenizerFiles.ConfigName] = TokenizerJson.Bytes(config),
        };
        if (vocabulary.Metadata.Text("tokenizer.chat_template") is { } template)
            files[TokenizerFiles.TemplateName] = Encoding.UTF8.GetBytes(template);
        return files;
    }
}
