namespace Palimpsest.Checkpoints;

/// <summary>Writes a model folder anew, one tensor at a time: in another float type, in other shards, with adapters
/// merged in.</summary>
public static class ModelConverter
{
    /// <summary>Converts a folder. Tensors that neither change type nor are adapted stay bit-identical.</summary>
    /// <param name="source">The folder that is read.</param>
    /// <param name="target">The folder that is written; tokenizer and generation settings go along.</param>
    /// <param name="options">Type and shard size.</param>
    /// <param name="adapters">PEFT folders whose updates are added to the weights, in this order.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A file is missing, malformed or does not fit, or a value does not fit the
    /// type.</exception>
    public static void Run(
        string source,
        string target,
        CheckpointOptions options,
        IReadOnlyList<string> adapters,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        FolderFiles.RequireOther(target, adapters.Append(source));
        using var model = ModelReader.Open(source);
        List<LoraWeights> merged = [];
        try
        {
            foreach (var folder in adapters)
                merged.Add(LoraFolder.Read(model.Outline, folder, CPU, model.ReadFinite));
            AdapterFingerprint.RequireNew(adapters, source);
            var record = Record(source, adapters);
            AtomicFolder.Write(
                target,
                folder =>
                {
                    Write(model, merged, folder, options, progress, cancellationToken);
                    record?.Write(folder);
                },
                ShardedWeights.FilePatterns
            );
        }
        finally
        {
            foreach (var weights in merged)
                weights.Dispose();
        }
    }

    /// <summary>A value in the type that a file announces.</summary>
    /// <exception cref="InputException">A finite number would become infinite.</exception>
    internal static Tensor Cast(Tensor value, TensorSpec spec, string folder)
    {
        if (value.dtype == spec.Type)
            return value;
        var cast = value.to(spec.Type);
        return cast.isfinite().all().item<bool>()
            ? cast
            : throw new InputException(
                $"{folder}: tensor '{spec.Name}' has numbers that {ConfigText.Name(spec.Type)} cannot hold."
            );
    }

    /// <summary>A tensor's entry in the type that is asked for.</summary>
    internal static TensorSpec Typed(TensorSpec spec, ScalarType? type) => spec with { Type = type ?? spec.Type };

    private static void Write(
        ModelReader model,
        IReadOnlyList<LoraWeights> adapters,
        string folder,
        CheckpointOptions options,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var grad = no_grad();
        var deltas = adapters
            .SelectMany(weights => weights.Deltas)
            .ToLookup(d => d.Target.Path + ".weight", StringComparer.Ordinal);
        var head = model.Outline.HeadWeightName;
        var unties = model.Config.TiedHead && !model.Config.HeadBias && deltas.Contains(head);
        var config = unties ? model.Config with { TiedHead = false } : model.Config;
        var tensors = model.References.Select(r => Typed(model.Spec(r.Name), options.Type)).ToList();
        if (unties)
            tensors.Add(Typed(model.Spec(model.References[0].Name), options.Type) with { Name = head });
        var transposed = model
            .References.Where(r => r.Transposed)
            .Select(r => r.Name)
            .ToHashSet(StringComparer.Ordinal);
        ShardedWeights.Write(
            folder,
            tensors,
            spec =>
            {
                var stored = unties && spec.Name == head ? model.References[0].Name : spec.Name;
                return deltas.Contains(spec.Name)
                    ? Cast(
                        Merge(
                            model.ReadFinite(stored),
                            deltas[spec.Name].Select(d => d.Delta),
                            transposed.Contains(spec.Name)
                        ),
                        spec,
                        model.Path
                    )
                    : Cast(model.Read(stored), spec, model.Path);
            },
            options.MaxShardBytes,
            progress,
            cancellationToken
        );
        model.WriteCompanions(folder);
        JsonFile.Write(
            Path.Combine(folder, ModelSource.ConfigName),
            ConfigText.Format(config, model.Source, options.Type)
        );
    }

    private static ResultRecord? Record(string source, IReadOnlyList<string> adapters)
    {
        var before = ResultRecord.Read(source);
        if (before is null && adapters.Count == 0)
            return null;
        var known = before ?? new();
        return known with
        {
            Run = null,
            MergedAdapters = [.. known.MergedAdapters, .. adapters.Select(AdapterFingerprint.Of)],
        };
    }

    private static Tensor Merge(Tensor stored, IEnumerable<IProjectionDelta> deltas, bool transposed)
    {
        var weight = deltas.Aggregate(transposed ? stored.t() : stored, (value, delta) => delta.Merge(value));
        return transposed ? weight.t() : weight;
    }
}
