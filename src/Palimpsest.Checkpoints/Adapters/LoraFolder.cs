using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>PEFT's adapter folder: adapter_config.json and adapter_model.safetensors.</summary>
internal static class LoraFolder
{
    /// <summary>The weights.</summary>
    public const string WeightsName = "adapter_model.safetensors";

    private const string Prefix = "base_model.model.";

    /// <summary>Attaches a folder's adapter to a model.</summary>
    public static LoraAdapter Load(CausalLM model, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        var weights = Read(model, folder, model.Device, weight => Weight(model, weight));
        if (model.Source?.MergedAdapters.Count > 0)
            RequireNotMerged(model.Source, folder);
        return new(model, name, weights);
    }

    /// <summary>Reads a folder's adapter without attaching it.</summary>
    /// <param name="model">Says which projections there are; an outline is enough.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="baseWeight">Gives a weight of the base as checkpoints hold it, float32, by its name.</param>
    /// <exception cref="InputException">A file or tensor is missing, unknown, or does not fit the model.</exception>
    public static LoraWeights Read(CausalLM model, string folder, Device device, Func<string, Tensor> baseWeight)
    {
        var config = LoraConfigFile.Read(folder);
        var options = config.Options(model);
        RequireFit(Path.Combine(folder, LoraConfigFile.Name), model, options);
        var path = Path.Combine(folder, WeightsName);
        using var weights = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var unread = weights.Names.ToHashSet(StringComparer.Ordinal);
        Tensor ReadTensor(string key, params long[] shape)
        {
            if (!unread.Remove(Prefix + key))
                throw new InputException($"{path}: tensor '{Prefix}{key}' is missing.");
            if (!weights.Shape(Prefix + key).SequenceEqual(shape))
                throw new InputException(
                    $"{path}: '{Prefix}{key}' is [{string.Join(", ", weights.Shape(Prefix + key))}]; the model needs "
                        + $"[{string.Join(", ", shape)}]."
                );
            var stored = weights.Read(Prefix + key);
            if (!stored.is_floating_point())
                throw new InputException(
                    $"{path}: tensor '{Prefix}{key}' is {stored.dtype}; allowed are floating-point types."
                );
            var value = stored.to(ScalarType.Float32);
            return value.isfinite().all().item<bool>()
                ? value.to(device)
                : throw new InputException($"{path}: tensor '{Prefix}{key}' holds NaN or infinity.");
        }

        var layers = LoraTargets
            .Of(model, options)
            .Select(target =>
            {
                var (rank, rows, width) = (
                    LoraTargets.Rank(options, target.Path),
                    target.RowCount,
                    target.Projection.InFeatures
                );
                return new LoraLayer(
                    target,
                    LoraTargets.NewParameter(ReadTensor($"{target.Path}.lora_A.weight", rank, width)),
                    LoraTargets.NewParameter(ReadTensor($"{target.Path}.lora_B.weight", rows, rank)),
                    options.WeightDecomposed
                        ? LoraTargets.NewParameter(ReadTensor($"{target.Path}.lora_magnitude_vector", rows))
                        : null,
                    LoraTargets.Scale(options, target.Path)
                );
            })
            .ToArray();
        var replaced = LoraTargets
            .Saved(model, options)
            .Select(target => new ReplacedWeight(
                target,
                LoraTargets.NewParameter(
                    ReadTensor($"{target.Path}.weight", target.RowCount, target.Projection.InFeatures)
                )
            ))
            .ToArray();
        var copies = new BaseCopies(model, baseWeight);
        foreach (var name in unread.Order(StringComparer.Ordinal).ToArray())
        {
            if (
                !name.StartsWith(Prefix, StringComparison.Ordinal)
                || copies.NameOf(name[Prefix.Length..]) is not { } own
            )
                continue;
            copies.RequireEqual($"{path}: tensor '{name}'", own, weights.Read(name));
            unread.Remove(name);
        }

        return unread.Count == 0
            ? new(options, layers, replaced, config.Text)
            : throw new InputException(
                $"{path}: tensor '{unread.Order(StringComparer.Ordinal).First()}' belongs to no module that "
                    + $"adapter_config.json names ({unread.Count} do)."
            );
    }

    private static Tensor Weight(CausalLM model, string name) =>
        CausalLM.Export(model.ParameterRefs.First(reference => reference.Name == name));

    private static void RequireNotMerged(ModelSource source, string folder)
    {
        if (source.MergedAdapters.Contains(AdapterFingerprint.Of(folder)))
            throw new InputException(
                $"{folder}: the adapter's update is in {source.Folder} already; adding it twice is refused."
            );
    }

    /// <summary>Resolves every name and pattern once, so that a complaint about one names the file.</summary>
    private static void RequireFit(string path, CausalLM model, LoraOptions options)
    {
        try
        {
            LoraTargets.Saved(model, options);
            foreach (var target in LoraTargets.Of(model, options))
                LoraTargets.Scale(options, target.Path);
        }
        catch (InputException error)
        {
            throw new InputException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Writes an adapter: as it was read, or with the fields that every version of PEFT reads.</summary>
    public static void Save(LoraAdapter adapter, CausalLM model, string folder)
    {
        if (adapter.ChangesBase)
            throw new InputException(
                $"{folder}: adapter '{adapter.Name}' changed its base when it was attached and would be wrong on the "
                    + "original; save the model with the adapter merged."
            );
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(
            Path.Combine(folder, WeightsName),
            [
                .. adapter
                    .ParameterRefs.OrderBy(p => p.Name, StringComparer.Ordinal)
                    .Select(p => (p.Name, p.Storage.detach())),
            ],
            new Dictionary<string, string> { ["format"] = "pt" }
        );
        var config = adapter.Weights.Source is { } text
            ? JsonNode.Parse(text)!
            : LoraConfigFile.Format(adapter.Options, model);
        JsonFile.Write(Path.Combine(folder, LoraConfigFile.Name), config);
    }
}
