using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>PEFT's adapter folder: adapter_config.json and adapter_model.safetensors.</summary>
internal static class LoraFolder
{
    /// <summary>The weights.</summary>
    public const string WeightsName = "adapter_model.safetensors";

    private const string Prefix = AdapterTensors.Prefix;

    /// <summary>Attaches a folder's adapter to a model.</summary>
    public static LoraAdapter Load(CausalLM model, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireOwnBase(model, folder);
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
        var tensors = new AdapterTensors(path, weights, device);
        LoraLayer[] layers = [.. LoraTargets.Of(model, options).Select(target => ReadLayer(tensors, options, target))];
        ReplacedWeight[] replaced =
        [
            .. LoraTargets
                .Saved(model, options)
                .Select(target => new ReplacedWeight(
                    target,
                    tensors.Read($"{target.Path}.weight", target.RowCount, target.Projection.InFeatures)
                )),
        ];
        tensors.PassOver(new BaseCopies(model, baseWeight));
        return new(options, layers, replaced, config.Text);
    }

    private static LoraLayer ReadLayer(AdapterTensors tensors, LoraOptions options, ProjectionRef target)
    {
        var (rank, rows) = (LoraTargets.Rank(options, target.Path), target.RowCount);
        return new LoraLayer(
            target,
            tensors.Read($"{target.Path}.lora_A.weight", rank, target.Projection.InFeatures),
            tensors.Read($"{target.Path}.lora_B.weight", rows, rank),
            options.WeightDecomposed ? tensors.Read($"{target.Path}.lora_magnitude_vector", rows) : null,
            LoraTargets.Scale(options, target.Path)
        );
    }

    private static Tensor Weight(CausalLM model, string name) =>
        CausalLM.Export(model.ParameterRefs.First(reference => reference.Name == name));

    /// <summary>An adapter that took its start out of the base makes nonsense of any other.</summary>
    private static void RequireOwnBase(CausalLM model, string folder)
    {
        if (ResultRecord.Read(folder)?.Base is not { IsOwn: true } own)
            return;
        if (model.Source is not { } source)
            throw new InputException(
                $"{folder}: was made for the changed base in {own.Path}; allowed is that model as it was loaded."
            );
        own.RequireSame(folder, source.Folder);
    }

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

    /// <summary>Writes an adapter: as it was read, or with the fields that every version of PEFT reads. One that has
    /// changed its base brings it along, with a record that no other fits.</summary>
    public static void Save(LoraAdapter adapter, CausalLM model, string folder)
    {
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
        var ownsBase = adapter.ChangesBase || (string?)config[LoraConfigFile.BaseField] == BaseRecord.OwnFolder;
        if (ownsBase)
            config[LoraConfigFile.BaseField] = BaseRecord.OwnFolder;
        JsonFile.Write(Path.Combine(folder, LoraConfigFile.Name), config);
        if (ownsBase)
            SaveBase(adapter, model, folder);
    }

    private static void SaveBase(LoraAdapter adapter, CausalLM model, string folder)
    {
        if (adapter.IsMerged)
            throw new InputException(
                $"{folder}: the adapter is merged into the base that it changed; take it out before it is written."
            );
        var active = adapter.Active;
        adapter.Active = false;
        try
        {
            ModelFolder.Save(model, Path.Combine(folder, BaseRecord.OwnFolder));
        }
        finally
        {
            adapter.Active = active;
        }

        new ResultRecord { Base = BaseRecord.Within(folder, BaseRecord.OwnFolder) }.Write(folder);
    }
}
