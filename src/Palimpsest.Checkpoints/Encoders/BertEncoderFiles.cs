namespace Palimpsest.Checkpoints;

/// <summary>BERT encoders from Hugging Face folders.</summary>
public static class BertEncoderFiles
{
    extension(BertEncoder)
    {
        /// <summary>Reads config.json and the weights of a folder.</summary>
        /// <exception cref="InputException">A file, field or tensor is missing or does not fit.</exception>
        public static BertEncoder Load(
            string folder,
            Device? device = null,
            CancellationToken cancellationToken = default
        )
        {
            ArgumentNullException.ThrowIfNull(folder);
            if (!Directory.Exists(folder))
                throw new InputException($"{folder}: the model folder does not exist.");
            var path = Path.Combine(folder, "config.json");
            using var json = JsonFile.Read(path);
            var config = EncoderConfig.Read(new(path, json.RootElement));
            using var weights = WeightFiles.Open(folder);
            RequireRoom(config, path, weights.Names.Sum(name => weights.Spec(name).Count));
            var pooler =
                weights.Contains("pooler.dense.weight") || weights.Contains(BertEncoder.Prefix + "pooler.dense.weight");
            var encoder = new BertEncoder(config, pooler, device ?? CPU, null);
            try
            {
                Import(encoder, weights, cancellationToken);
                return encoder;
            }
            catch
            {
                encoder.Dispose();
                throw;
            }
        }
    }

    // Before anything of a claimed size is allocated.
    private static void RequireRoom(EncoderConfig config, string path, long held)
    {
        Int128 width = config.HiddenSize;
        var needed =
            width * (config.VocabularySize + config.MaxPositions + config.TokenTypes)
            + config.Layers * (4 * width * width + 2 * width * config.IntermediateSize);
        if (needed > held)
            throw new InputException($"{path}: the encoder would be {needed} numbers; the weight files hold {held}.");
    }

    // Heads of other tasks (cls.*, classifier.*) and the positions buffer are passed over.
    private static void Import(BertEncoder encoder, WeightFiles weights, CancellationToken cancellationToken)
    {
        var byName = encoder.ParameterRefs.ToDictionary(r => r.Name, StringComparer.Ordinal);
        var missing = byName.Keys.ToHashSet(StringComparer.Ordinal);
        using var grad = no_grad();
        foreach (var name in weights.Names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var known = name.StartsWith(BertEncoder.Prefix, StringComparison.Ordinal)
                ? name[BertEncoder.Prefix.Length..]
                : name;
            if (!byName.TryGetValue(known, out var reference))
                continue;
            var (file, shape) = (weights.PathOf(name), weights.Spec(name).Shape);
            if (!missing.Remove(known))
                throw new InputException($"{file}: tensor '{name}' is there twice.");
            if (!shape.SequenceEqual(reference.CheckpointShape))
                throw new InputException(
                    $"{file}: tensor '{name}' is [{string.Join(", ", shape)}]; the model needs "
                        + $"[{string.Join(", ", reference.CheckpointShape)}]."
                );
            using var scope = NewDisposeScope();
            weights.ReadFiniteInto(name, reference.Value());
        }

        if (missing.Count > 0)
            throw new InputException(
                $"{weights.Folder}: tensor '{missing.Order(StringComparer.Ordinal).First()}' is missing "
                    + $"({missing.Count} of {byName.Count} are)."
            );
    }
}
