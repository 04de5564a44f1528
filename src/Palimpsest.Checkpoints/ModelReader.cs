using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>A model folder or GGUF file whose tensors are read one at a time, by the names that the decoder gives
/// them.</summary>
internal sealed class ModelReader : IDisposable
{
    // What may differ between models whose weights mean the same.
    private static readonly string[] Unimportant =
    [
        "architectures",
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
        "initializer_range",
        "max_position_embeddings",
        "router_aux_loss_coef",
        "use_cache",
    ];

    private readonly IStoredWeights _weights;

    private ModelReader(string path, DecoderConfig config, CausalLM outline, IStoredWeights weights)
    {
        (Path, Config, Outline, _weights) = (path, config, outline, weights);
        Source = Directory.Exists(path) ? ModelSource.Read(path) : null;
    }

    /// <summary>The folder or GGUF file.</summary>
    public string Path { get; }

    /// <summary>What config.json or the file's metadata say.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The folder's JSON files; null for a GGUF file.</summary>
    public ModelSource? Source { get; }

    /// <summary>The model without weights.</summary>
    public CausalLM Outline { get; }

    /// <summary>Every weight of the model.</summary>
    public IReadOnlyList<ParameterRef> References => Outline.ParameterRefs;

    /// <summary>Opens a folder or a GGUF file and checks that its tensors are those that the model needs.</summary>
    /// <exception cref="InputException">Something is missing or does not fit.</exception>
    public static ModelReader Open(string path)
    {
        var file = ModelFiles.IsGguf(path) ? GgufFile.Open(path) : null;
        CausalLM? outline = null;
        try
        {
            var config = file is null ? ModelFolder.ReadConfig(path) : GgufModel.ReadConfig(file);
            outline = CausalLM.Outline(config);
            return new(
                path,
                config,
                outline,
                file is null ? new FolderWeights(path, outline) : new GgufWeights(file, outline)
            );
        }
        catch
        {
            outline?.Dispose();
            file?.Dispose();
            throw;
        }
    }

    /// <summary>The stored type and shape of a weight, under the decoder's name.</summary>
    public TensorSpec Spec(string name) => _weights.Spec(name);

    /// <summary>A weight in its stored type; the caller disposes it.</summary>
    /// <exception cref="InputException">It is cut short.</exception>
    public Tensor Read(string name) => _weights.Read(name);

    /// <summary>Writes tokenizer and generation settings into a folder: the folder's own files byte for byte, or those
    /// that a GGUF file's metadata stand for.</summary>
    /// <exception cref="InputException">A file cannot be read or written.</exception>
    public void WriteCompanions(string folder)
    {
        if (Source is not null)
        {
            FolderFiles.Copy(Path, folder);
            return;
        }

        ModelFiles.LoadTokenizer(Path).Save(folder);
        JsonFile.Write(
            System.IO.Path.Combine(folder, ModelSource.GenerationName),
            ConfigText.Generation(Config, source: null)
        );
    }

    /// <summary>A weight as float32; the caller disposes it.</summary>
    /// <exception cref="InputException">It is cut short, or holds NaN or infinity.</exception>
    public Tensor ReadFinite(string name)
    {
        using var scope = NewDisposeScope();
        var value = Read(name).to(ScalarType.Float32);
        return value.isfinite().all().item<bool>()
            ? value.MoveToOuterDisposeScope()
            : throw new InputException($"{_weights.PathOf(name)}: tensor '{name}' holds NaN or infinity.");
    }

    /// <summary>Checks that another model's weights mean the same, tensor by tensor.</summary>
    /// <exception cref="InputException">Families, fields or shapes differ; the message names the first that
    /// does.</exception>
    public void RequireSameShape(ModelReader other)
    {
        if (other.Config.Family != Config.Family)
            throw new InputException(
                $"{other.Path}: is a {other.Config.Family} model, but {Path} a {Config.Family} model; they must be "
                    + $"of one family."
            );
        foreach (var reference in References)
        {
            if (!other._weights.Contains(reference.Name))
                throw new InputException($"{other.Path}: has no tensor '{reference.Name}', which {Path} has.");
            var (mine, its) = (reference.CheckpointShape, other.Spec(reference.Name).Shape);
            if (!its.SequenceEqual(mine))
                throw new InputException(
                    $"{other.Path}: tensor '{reference.Name}' is [{string.Join(", ", its)}], but "
                        + $"[{string.Join(", ", mine)}] in {Path}; the shapes must be equal."
                );
        }

        if (other.References.Count > References.Count)
            throw new InputException(
                $"{other.Path}: has tensor "
                    + $"'{other.References.Select(r => r.Name).Except(References.Select(r => r.Name)).First()}', which "
                    + $"{Path} has not."
            );
        RequireSameFields(other);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Outline.Dispose();
        _weights.Dispose();
    }

    private void RequireSameFields(ModelReader other)
    {
        var (mine, its) = (ModelFamilies.Write(Config), ModelFamilies.Write(other.Config));
        foreach (var field in mine.Select(f => f.Key).Union(its.Select(f => f.Key)).Except(Unimportant))
        {
            if (!JsonNode.DeepEquals(mine[field], its[field]))
                throw new InputException(
                    $"{other.Path}: '{field}' of config.json is {Shown(its[field])}, but {Shown(mine[field])} in "
                        + $"{Path}; they must be equal."
                );
        }
    }

    private static string Shown(JsonNode? node) => JsonSerializer.Serialize(node);
}
