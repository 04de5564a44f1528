using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>A model folder whose tensors are read one at a time, by the names that the decoder gives them.</summary>
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

    private readonly Dictionary<string, string> _storedNames;

    private ModelReader(string folder, DecoderConfig config, CausalLM outline, WeightFiles weights)
    {
        (Folder, Config, Outline, Weights) = (folder, config, outline, weights);
        _storedNames = weights
            .Names.Where(name => outline.WeightName(name, weights.Contains) is not null)
            .ToDictionary(name => outline.WeightName(name, weights.Contains)!, StringComparer.Ordinal);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What config.json says.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The model without weights.</summary>
    public CausalLM Outline { get; }

    /// <summary>The weight files.</summary>
    public WeightFiles Weights { get; }

    /// <summary>Every weight of the model.</summary>
    public IReadOnlyList<ParameterRef> References => Outline.ParameterRefs;

    /// <summary>Opens a folder and checks that its tensors are those that config.json asks for.</summary>
    /// <exception cref="InputException">Something is missing or does not fit.</exception>
    public static ModelReader Open(string folder)
    {
        var config = ModelFolder.ReadConfig(folder);
        var weights = WeightFiles.Open(folder);
        CausalLM? outline = null;
        try
        {
            outline = CausalLM.Outline(config);
            WeightCheck.RequireFit(outline, weights);
            return new(folder, config, outline, weights);
        }
        catch
        {
            outline?.Dispose();
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The stored type and shape of a weight, under the decoder's name.</summary>
    public TensorSpec Spec(string name) => Weights.Spec(_storedNames[name]) with { Name = name };

    /// <summary>A weight in its stored type; the caller disposes it.</summary>
    /// <exception cref="InputException">It is cut short.</exception>
    public Tensor Read(string name) => Weights.Read(_storedNames[name]);

    /// <summary>A weight as float32; the caller disposes it.</summary>
    /// <exception cref="InputException">It is cut short, or holds NaN or infinity.</exception>
    public Tensor ReadFinite(string name)
    {
        using var scope = NewDisposeScope();
        var value = Read(name).to(ScalarType.Float32);
        return value.isfinite().all().item<bool>()
            ? value.MoveToOuterDisposeScope()
            : throw new InputException($"{Weights.PathOf(_storedNames[name])}: tensor '{name}' holds NaN or infinity.");
    }

    /// <summary>Checks that another folder's weights mean the same, tensor by tensor.</summary>
    /// <exception cref="InputException">Families, fields or shapes differ; the message names the first that
    /// does.</exception>
    public void RequireSameShape(ModelReader other)
    {
        if (other.Config.Family != Config.Family)
            throw new InputException(
                $"{other.Folder}: is a {other.Config.Family} model, but {Folder} a {Config.Family} model; they must be "
                    + $"of one family."
            );
        foreach (var reference in References)
        {
            if (!other._storedNames.ContainsKey(reference.Name))
                throw new InputException($"{other.Folder}: has no tensor '{reference.Name}', which {Folder} has.");
            var (mine, its) = (reference.CheckpointShape, other.Spec(reference.Name).Shape);
            if (!its.SequenceEqual(mine))
                throw new InputException(
                    $"{other.Folder}: tensor '{reference.Name}' is [{string.Join(", ", its)}], but "
                        + $"[{string.Join(", ", mine)}] in {Folder}; the shapes must be equal."
                );
        }

        if (other.References.Count > References.Count)
            throw new InputException(
                $"{other.Folder}: has tensor "
                    + $"'{other.References.Select(r => r.Name).Except(References.Select(r => r.Name)).First()}', which "
                    + $"{Folder} has not."
            );
        RequireSameFields(other);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Outline.Dispose();
        Weights.Dispose();
    }

    private void RequireSameFields(ModelReader other)
    {
        var (mine, its) = (ModelFamilies.Write(Config), ModelFamilies.Write(other.Config));
        foreach (var field in mine.Select(f => f.Key).Union(its.Select(f => f.Key)).Except(Unimportant))
        {
            if (!JsonNode.DeepEquals(mine[field], its[field]))
                throw new InputException(
                    $"{other.Folder}: '{field}' of config.json is {Shown(its[field])}, but {Shown(mine[field])} in "
                        + $"{Folder}; they must be equal."
                );
        }
    }

    private static string Shown(JsonNode? node) => JsonSerializer.Serialize(node);
}
