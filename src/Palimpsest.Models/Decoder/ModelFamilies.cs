using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>The model families that the decoder knows.</summary>
public static class ModelFamilies
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IModelFamily> All { get; } =
    [
        new Gemma2(),
        new Gpt2(),
        new GptNeo(),
        new GptNeoX(),
        new Llama(),
        new Mistral(),
        new Mixtral(),
        new Olmo2(),
        new Olmoe(),
        new Phi(),
        new Phi3(),
        new Qwen2(),
        new Qwen2Moe(),
        new Qwen3(),
    ];

    /// <summary>The family of a model_type.</summary>
    /// <exception cref="InputException">It is not known.</exception>
    public static IModelFamily Of(string modelType) => Find(modelType) ?? throw new InputException(Unknown(modelType));

    /// <summary>Reads config.json in either spelling.</summary>
    /// <param name="json">The file's root.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="InputException">The family is unknown, or a field is missing or outside its range.</exception>
    public static DecoderConfig Read(JsonElement json, string file)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new InputException($"{file}: is a JSON {json.ValueKind}; allowed is an object.");
        try
        {
            var fields = new JsonField(file, json);
            var type = fields["model_type"].AsString(null) ?? throw fields["model_type"].Error("is missing.");
            var family = Find(type) ?? throw new InputException($"{file}: {Unknown(type)}");
            ConfigFields.Check(fields, type);
            var config = family.Read(fields);
            Check(config, file);
            return config;
        }
        catch (ArgumentException error)
        {
            throw new InputException($"{file}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new InputException($"{file}: holds a text that is not valid Unicode.", error);
        }
    }

    /// <summary>Writes config.json as transformers would read it; the caller sets <c>torch_dtype</c>.</summary>
    public static JsonObject Write(DecoderConfig config)
    {
        var family = Of(config.Family);
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(family.Architecture),
            ["model_type"] = family.ModelType,
            ["vocab_size"] = config.VocabularySize,
            ["tie_word_embeddings"] = config.TiedHead,
            ["initializer_range"] = config.InitializerRange,
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = config.EosTokenIds.Count switch
            {
                0 => null,
                1 => config.EosTokenIds[0],
                _ => new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode)id)]),
            },
            ["pad_token_id"] = config.PadTokenId,
            ["use_cache"] = true,
        };
        family.Write(config, json);
        return json;
    }

    private static IModelFamily? Find(string modelType) => All.FirstOrDefault(f => f.ModelType == modelType);

    private static string Unknown(string modelType) =>
        $"model_type {JsonField.Shown(modelType)} is not known; known are "
        + $"{string.Join(", ", All.Select(f => f.ModelType))}.";

    private static void Check(DecoderConfig config, string file)
    {
        if (config.Heads % config.KeyValueHeads != 0)
            throw new InputException(
                $"{file}: {config.KeyValueHeads} key-value heads do not divide {config.Heads} heads."
            );
        if (config.Experts is { } experts && experts.PerToken > experts.Count)
            throw new InputException(
                $"{file}: 'num_experts_per_tok' is {experts.PerToken}; allowed is up to the {experts.Count} experts."
            );
    }
}
