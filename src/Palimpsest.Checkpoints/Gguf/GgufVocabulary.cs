using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>The tokens of a GGUF file, checked.</summary>
/// <param name="Tokens">Texts; ids are places.</param>
/// <param name="Kinds">Kind of each token.</param>
/// <param name="Metadata">Where they come from.</param>
internal sealed record GgufVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<int> Kinds, GgufMetadata Metadata)
{
    /// <summary>Ordinary text.</summary>
    public const int Normal = 1;

    /// <summary>Stands for what the vocabulary lacks.</summary>
    public const int Unknown = 2;

    /// <summary>Steers the model and is no text.</summary>
    public const int Control = 3;

    /// <summary>Text that is found before anything else is cut.</summary>
    public const int UserDefined = 4;

    /// <summary>Never produced.</summary>
    public const int Unused = 5;

    /// <summary>One byte of a character that the vocabulary lacks.</summary>
    public const int Byte = 6;

    /// <summary>Reads them.</summary>
    /// <exception cref="InputException">A key is missing or of the wrong length, or a token is there twice.</exception>
    public static GgufVocabulary Read(GgufMetadata metadata)
    {
        const string Key = "tokenizer.ggml.tokens";
        var listed = metadata.Texts(Key) ?? throw new InputException($"{metadata.File}: key '{Key}' is missing.");
        if (listed.Count is 0 or >= Vocabulary.MostIds)
            throw metadata.Refuse(Key, $"1 to {Vocabulary.MostIds - 1} tokens");
        var tokens = listed.Select((token, id) => token.Length > 0 ? token : $"[EMPTY_{id}]").ToArray();
        var seen = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (var id = 0; id < tokens.Length; id++)
        {
            if (!seen.TryAdd(tokens[id], id))
                throw new InputException(
                    $"{metadata.File}: key '{Key}': {JsonField.Shown(tokens[id])} has the ids {seen[tokens[id]]} and "
                        + $"{id}."
                );
        }

        var kinds = metadata.Wholes("tokenizer.ggml.token_type");
        if (kinds is not null && kinds.Count != tokens.Length)
            throw metadata.Refuse("tokenizer.ggml.token_type", $"one kind for each of the {tokens.Length} tokens");
        return new(tokens, kinds ?? [.. Enumerable.Repeat(Normal, tokens.Length)], metadata);
    }

    /// <summary><c>vocab</c> of tokenizer.json.</summary>
    public JsonObject ToJson() => new(Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));

    /// <summary><c>added_tokens</c> of tokenizer.json: control tokens and those that are found before anything
    /// else.</summary>
    public JsonArray AddedTokens() =>
        new([
            .. Enumerable
                .Range(0, Tokens.Count)
                .Where(id => Kinds[id] is Control or UserDefined or Unknown)
                .Select(id => (JsonNode)TokenizerJson.Added(Tokens[id], id, special: Kinds[id] != UserDefined)),
        ]);
}
