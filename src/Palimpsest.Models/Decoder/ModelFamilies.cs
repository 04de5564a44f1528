using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>The model families that the decoder knows.</summary>
public static class ModelFamilies
{
    /// <summary>All of them, by model_type.</summary>
    public static IReadOnlyList<IModelFamily> All { get; } = [];

    /// <summary>The family of a model_type.</summary>
    /// <exception cref="InputException">It is not known.</exception>
    public static IModelFamily Of(string modelType) =>
        All.FirstOrDefault(f => f.ModelType == modelType)
        ?? throw new InputException($"model_type '{modelType}' is not known; known are {string.Join(", ", All.Select(f => f.ModelType))}.");

    /// <summary>Reads config.json in either spelling.</summary>
    /// <param name="json">The file's root.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="InputException">The family is unknown, or a field is missing or outside its range.</exception>
    public static DecoderConfig Read(JsonElement json, string file) => throw new NotImplementedException();

    /// <summary>Writes config.json as transformers would read it; the caller sets <c>torch_dtype</c>.</summary>
    public static JsonObject Write(DecoderConfig config) => throw new NotImplementedException();
}
