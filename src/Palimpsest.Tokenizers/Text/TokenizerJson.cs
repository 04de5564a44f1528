using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Tokenizers;

/// <summary>Parts of tokenizer.json that are written from more than one source.</summary>
internal static class TokenizerJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>An entry of <c>added_tokens</c>.</summary>
    public static JsonObject Added(string token, int id, bool special = true) =>
        new()
        {
            ["id"] = id,
            ["content"] = token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = special,
        };

    /// <summary>A post-processor that adds a token before every text, after it, or both; null when it would add
    /// none.</summary>
    public static JsonObject? Adding((string Token, int Id)? before, (string Token, int Id)? after)
    {
        if (before is null && after is null)
            return null;
        var known = new JsonObject();
        foreach (var (token, id) in new[] { before, after }.OfType<(string, int)>())
            known[token] = new JsonObject
            {
                ["id"] = token,
                ["ids"] = new JsonArray(id),
                ["tokens"] = new JsonArray(token),
            };
        return new()
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray([.. Around("A")]),
            ["pair"] = new JsonArray([.. Around("A"), .. Around("B")]),
            ["special_tokens"] = known,
        };

        IEnumerable<JsonNode> Around(string text)
        {
            if (before is { } first)
                yield return Special(first.Token);
            yield return new JsonObject
            {
                ["Sequence"] = new JsonObject { ["id"] = text, ["type_id"] = 0 },
            };
            if (after is { } last)
                yield return Special(last.Token);
        }
    }

    /// <summary>A file's bytes, indented, with letters as they are.</summary>
    public static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, Indented);

    private static JsonObject Special(string name) =>
        new()
        {
            ["SpecialToken"] = new JsonObject { ["id"] = name, ["type_id"] = 0 },
        };
}
