using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>The kind <c>llama</c>: SentencePiece's pieces, of which the two neighbours with the best score join
/// first.</summary>
internal static class GgufPieces
{
    private const string Blank = "▁";

    /// <summary>The stages of tokenizer.json, added tokens left out.</summary>
    public static JsonObject ToJson(GgufVocabulary vocabulary, GgufSpecialTokens special)
    {
        const string Key = "tokenizer.ggml.scores";
        var metadata = vocabulary.Metadata;
        var scores = metadata.Reals(Key) ?? throw new InputException($"{metadata.File}: key '{Key}' is missing.");
        if (scores.Count != vocabulary.Tokens.Count)
            throw metadata.Refuse(Key, $"one score for each of the {vocabulary.Tokens.Count} tokens");
        var begins = metadata.Flag("tokenizer.ggml.add_space_prefix", true);
        return new()
        {
            ["version"] = "1.0",
            ["normalizer"] = Normalizer(begins),
            ["pre_tokenizer"] = null,
            ["post_processor"] = GgufTokenizer.Surrounding(vocabulary, special, addsBegin: true),
            ["decoder"] = Decoder(begins),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = special.Unknown is { } unknown ? vocabulary.Tokens[unknown] : null,
                ["fuse_unk"] = true,
                ["byte_fallback"] = vocabulary.Kinds.Contains(GgufVocabulary.Byte),
                ["vocab"] = vocabulary.ToJson(),
                ["merges"] = new JsonArray([
                    .. Merges(vocabulary.Tokens, vocabulary.Kinds, scores).Select(m => new JsonArray(m.Left, m.Right)),
                ]),
            },
        };
    }

    /// <summary>Blanks to marks, with one before the text where the file asks for it.</summary>
    public static JsonObject Normalizer(bool beginsWithBlank)
    {
        var replace = new JsonObject
        {
            ["type"] = "Replace",
            ["pattern"] = new JsonObject { ["String"] = " " },
            ["content"] = Blank,
        };
        return beginsWithBlank
            ? new()
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = Blank }, replace),
            }
            : replace;
    }

    private static JsonObject Decoder(bool beginsWithBlank)
    {
        var steps = new JsonArray(
            new JsonObject
            {
                ["type"] = "Replace",
                ["pattern"] = new JsonObject { ["String"] = Blank },
                ["content"] = " ",
            },
            new JsonObject { ["type"] = "ByteFallback" },
            new JsonObject { ["type"] = "Fuse" }
        );
        if (beginsWithBlank)
            steps.Add(
                (JsonNode)
                    new JsonObject
                    {
                        ["type"] = "Strip",
                        ["content"] = " ",
                        ["start"] = 1,
                        ["stop"] = 0,
                    }
            );
        return new() { ["type"] = "Sequence", ["decoders"] = steps };
    }

    /// <summary>Every way to make a piece of two others; the best score comes first, then the left part with the lowest
    /// id.</summary>
    public static IEnumerable<(string Left, string Right)> Merges(
        IReadOnlyList<string> tokens,
        IReadOnlyList<int> kinds,
        IReadOnlyList<float> scores
    )
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
        {
            if (kinds[id] is GgufVocabulary.Normal or GgufVocabulary.UserDefined)
                ids[tokens[id]] = id;
        }

        var bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(int Whole, int Left, int Right)>();
        foreach (var (token, whole) in ids)
        {
            for (var cut = 1; cut < token.Length; cut++)
            {
                if (
                    bySpan.TryGetValue(token.AsSpan(0, cut), out var left)
                    && bySpan.TryGetValue(token.AsSpan(cut), out var right)
                )
                    merges.Add((whole, left, right));
            }
        }

        return merges
            .OrderByDescending(m => scores[m.Whole])
            .ThenBy(m => m.Whole)
            .ThenBy(m => m.Left)
            .ThenBy(m => m.Right)
            .Select(m => (tokens[m.Left], tokens[m.Right]));
    }
}
