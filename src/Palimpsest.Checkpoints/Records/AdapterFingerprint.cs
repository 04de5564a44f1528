namespace Palimpsest.Checkpoints;

/// <summary>Tells adapters apart by their numbers, whatever they are called and wherever they lie.</summary>
public static class AdapterFingerprint
{
    /// <summary>The fingerprint of a PEFT folder's weights as float32.</summary>
    /// <exception cref="InputException">The weights are missing or malformed.</exception>
    public static string Of(string folder)
    {
        using var weights = SafetensorsFile.Open(Path.Combine(folder, LoraFolder.WeightsName));
        return Of(weights.Names.Select(name => (name, weights.Read(name))));
    }

    /// <summary>The fingerprint that the adapter's folder has when it is saved.</summary>
    internal static string Of(LoraAdapter adapter) =>
        Of(adapter.ParameterRefs.Select(p => (p.Name, p.Storage.detach())));

    /// <summary>Fingerprints of the adapters that are part of what a model computes or stores.</summary>
    internal static IEnumerable<string> Merged(CausalLM model) =>
        model.Attachments.OfType<LoraAdapter>().Where(adapter => adapter.Active || adapter.IsMerged).Select(Of);

    /// <summary>Refuses folders of which two hold the same adapter, or one that is in the weights already.</summary>
    /// <param name="folders">PEFT folders.</param>
    /// <param name="model">The model that they are to be merged into.</param>
    /// <exception cref="InputException">An adapter would be added twice.</exception>
    public static void RequireNew(IReadOnlyList<string> folders, string model)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var known = (ResultRecord.Read(model)?.MergedAdapters ?? []).ToDictionary(f => f, _ => model);
        foreach (var folder in folders)
        {
            if (!known.TryAdd(Of(folder), folder))
                throw Twice(folder, known[Of(folder)]);
            RequireOfOther(folder, model);
        }
    }

    private static InputException Twice(string folder, string place) =>
        new($"{folder}: the adapter's update is in {place} already; adding it twice is refused.");

    // Older versions wrote the adapter into the folder of the model that it had been merged into.
    private static void RequireOfOther(string folder, string model)
    {
        var (inner, outer) = (Path.GetFullPath(folder), Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)));
        if (!inner.StartsWith(outer + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return;
        if (LoraConfigFile.Read(folder).BaseModel is { } origin && Path.GetFullPath(origin) != outer)
            throw Twice(folder, model);
    }

    private static string Of(IEnumerable<(string Name, Tensor Value)> tensors)
    {
        List<FileHash> hashes = [];
        foreach (var (name, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            using var owned = tensor;
            var value = owned.to(ScalarType.Float32).cpu().contiguous();
            hashes.Add(new($"{name} [{string.Join(", ", value.shape)}]", ContentHash.OfBytes(value.bytes)));
        }

        return ContentHash.OfText(ContentHash.Text(ContentHash.InOrder(hashes)));
    }
}
