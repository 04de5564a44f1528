namespace Palimpsest.Checkpoints;

/// <summary>Makes one model folder of several models, one tensor at a time.</summary>
public static class ModelMerger
{
    /// <summary>Merges models of one family, of equal shapes and with the same tokens.</summary>
    /// <param name="models">Folders or GGUF files; configuration, tokenizer and stored types are those of the
    /// first.</param>
    /// <param name="target">The folder that is written.</param>
    /// <param name="method">The rule.</param>
    /// <param name="options">Type and shard size.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A folder is not valid, or the folders do not agree; the message names the first
    /// tensor that differs.</exception>
    public static void Run(
        IReadOnlyList<string> models,
        string target,
        IWeightMerge method,
        CheckpointOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(options);
        method.Check(models.Count);
        FolderFiles.RequireOther(target, models);
        List<ModelReader> readers = [];
        try
        {
            foreach (var folder in models)
            {
                readers.Add(ModelReader.Open(folder));
                readers[0].RequireSameShape(readers[^1]);
                RequireSameTokens(models[0], folder);
            }

            using var grad = no_grad();
            var first = readers[0];
            AtomicFolder.Write(
                target,
                folder =>
                {
                    ShardedWeights.Write(
                        folder,
                        [.. first.References.Select(r => ModelConverter.Typed(first.Spec(r.Name), options.Type))],
                        spec =>
                            ModelConverter.Cast(
                                method.Merge([.. readers.Select(reader => reader.ReadFinite(spec.Name))]),
                                spec,
                                target
                            ),
                        options.MaxShardBytes,
                        progress,
                        cancellationToken
                    );
                    first.WriteCompanions(folder);
                    JsonFile.Write(
                        Path.Combine(folder, ModelSource.ConfigName),
                        ConfigText.Format(first.Config, first.Source, options.Type)
                    );
                },
                ShardedWeights.FilePatterns
            );
        }
        finally
        {
            foreach (var reader in readers)
                reader.Dispose();
        }
    }

    private static void RequireSameTokens(string first, string other)
    {
        if (first == other || !HasTokenizer(first) || !HasTokenizer(other))
            return;
        var (mine, its) = (ModelFiles.LoadTokenizer(first), ModelFiles.LoadTokenizer(other));
        if (mine.FirstDifference(its) is { } difference)
            throw new InputException($"{other}: the tokenizer is not that of {first}: {difference}.");
    }

    private static bool HasTokenizer(string model) =>
        ModelFiles.IsGguf(model) || File.Exists(Path.Combine(model, "tokenizer.json"));
}
