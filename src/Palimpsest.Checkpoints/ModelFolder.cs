namespace Palimpsest.Checkpoints;

/// <summary>Reads and writes Hugging Face model folders.</summary>
public static class ModelFolder
{
    /// <summary>Loads config.json and the weights, single or sharded, converted to float32 a few rows at a
    /// time.</summary>
    /// <remarks>Beside the model itself, memory is needed for one chunk of 4 MiB.</remarks>
    /// <param name="folder">A folder with config.json and model.safetensors or its index.</param>
    /// <param name="device">Where the weights go; the CPU by default.</param>
    /// <param name="replacement">Makes what takes a dense projection's place as soon as its weights are read, see
    /// <see cref="CausalLM.ReplaceProjections"/>; null keeps all dense.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">The folder, a file, a tensor or a field is missing or does not fit.</exception>
    public static CausalLM Load(
        string folder,
        Device? device = null,
        Func<LinearProjection, Projection>? replacement = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var config = ReadConfig(folder);
        using var weights = WeightFiles.Open(folder);
        WeightBudget.Check(config, Path.Combine(folder, ModelSource.ConfigName), weights);
        var model = CausalLM.WithoutWeights(config, device);
        try
        {
            model.Source = ModelSource.Read(folder) with
            {
                MergedAdapters = ResultRecord.Read(folder)?.MergedAdapters ?? [],
            };
            WeightCheck.RequireFit(model, weights);
            var (done, slots) = (0, new LoadedSlots(model, replacement));
            foreach (var name in weights.Names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Import(model, weights, name, slots);
                progress?.Report(new("Loading weights", ++done, weights.Names.Count));
            }

            slots.Finish();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes config.json, generation_config.json and the weights so that transformers would read
    /// them.</summary>
    /// <remarks>Fields of the folder that the model was loaded from are kept, those that the decoder does not know
    /// included.</remarks>
    /// <param name="model">Active adapters are merged into what is written.</param>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="dtype">Float type of the stored weights; float32 by default.</param>
    /// <param name="maxShardBytes">Most bytes per file; more are split, with an index.</param>
    /// <exception cref="InputException">A file cannot be written, or the model does what no weight can say: routed or
    /// gated deltas, projections that are no matrix.</exception>
    public static void Save(CausalLM model, string folder, ScalarType? dtype = null, long maxShardBytes = 5_000_000_000)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        var type = dtype ?? ScalarType.Float32;
        model.RequireMergeable("Saving");
        var config = ConfigText.Format(model.Config, model.Source, type);
        string[] adapters = [.. model.Source?.MergedAdapters ?? [], .. AdapterFingerprint.Merged(model)];
        if (model.Projections.Any(p => p.Projection.HasActiveDeltas))
        {
            using var merged = model.CloneFrozen();
            Save(merged, folder, dtype, maxShardBytes);
            new ResultRecord { MergedAdapters = adapters }.Write(folder);
            return;
        }

        var references = model.ParameterRefs.ToDictionary(r => r.Name, StringComparer.Ordinal);
        ShardedWeights.Write(
            folder,
            [.. model.ExpectedWeights.Select(w => new TensorSpec(w.Name, type, w.Shape))],
            spec => CausalLM.Export(references[spec.Name]).to(type),
            maxShardBytes
        );
        JsonFile.Write(
            Path.Combine(folder, ModelSource.GenerationName),
            ConfigText.Generation(model.Config, model.Source)
        );
        JsonFile.Write(Path.Combine(folder, ModelSource.ConfigName), config);
        if (adapters.Length > 0)
            new ResultRecord { MergedAdapters = adapters }.Write(folder);
    }

    /// <summary>Reads config.json alone.</summary>
    /// <exception cref="InputException">The folder or the file is missing, or a field does not fit.</exception>
    public static DecoderConfig ReadConfig(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: the model folder does not exist.");
        var path = Path.Combine(folder, ModelSource.ConfigName);
        using var document = JsonFile.Read(path);
        return ModelFamilies.Read(document.RootElement, path);
    }

    private static void Import(CausalLM model, WeightFiles weights, string name, LoadedSlots slots)
    {
        if (model.WeightName(name, weights.Contains) is not { } known)
            return;
        try
        {
            model.ImportWeight(known, weights.Spec(name).Shape, target => weights.ReadFiniteInto(name, target));
            slots.Imported(known);
        }
        catch (InputException error) when (!error.Message.StartsWith(weights.PathOf(name), StringComparison.Ordinal))
        {
            throw new InputException($"{weights.PathOf(name)}: {error.Message}", error);
        }
    }
}
