namespace Palimpsest.Checkpoints;

/// <summary>Which files of a repository a model needs: weights that cannot run code, and the texts beside
/// them.</summary>
internal static class HubSelection
{
    private static readonly string[] Texts =
    [
        ModelSource.ConfigName,
        WeightFiles.IndexName,
        LoraConfigFile.Name,
        "modules.json",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
        .. FolderFiles.Names,
    ];

    /// <summary>The files to bring, the small ones first.</summary>
    /// <exception cref="InputException">The repository has no weights that are read here, several GGUF files of which
    /// none is named, or not the one that is.</exception>
    public static IReadOnlyList<HubFile> Choose(HubReference reference, HubSnapshot snapshot)
    {
        var gguf = snapshot.Files.Where(file => HasEnding(file, ".gguf")).ToArray();
        if (reference.File is { } named)
            return Parts(
                gguf.FirstOrDefault(file => file.Name == named) ?? throw Missing(reference, named, gguf),
                gguf
            );
        var tensors = snapshot.Files.Where(IsTensors).ToArray();
        if (tensors.Length > 0)
        {
            var texts = snapshot.Files.Where(file => Texts.Contains(file.Name, StringComparer.Ordinal));
            return [.. texts.Concat(tensors).OrderBy(file => file.Bytes)];
        }

        var first = gguf.Where(file => GgufPartName.Parse(file.Name) is null or { Number: 0 }).ToArray();
        return first.Length switch
        {
            1 => Parts(first[0], gguf),
            0 => throw new InputException(
                $"{reference}: holds neither safetensors nor GGUF files; other formats can run code and are not read."
            ),
            _ => throw new InputException(
                $"{reference}: holds {first.Length} GGUF models; name one of them as "
                    + $"{reference.Repository}:{string.Join(" or :", first.Select(file => file.Name).Take(20))}."
            ),
        };
    }

    /// <summary>The files of an adapter, the small ones first.</summary>
    /// <exception cref="InputException">The repository holds no adapter as safetensors, or a single file is
    /// named.</exception>
    public static IReadOnlyList<HubFile> ChooseAdapter(HubReference reference, HubSnapshot snapshot)
    {
        if (reference.File is { } file)
            throw new InputException($"{reference}: '{file}' is no adapter; name it as {reference.Repository} alone.");
        string[] needed = [LoraConfigFile.Name, LoraFolder.WeightsName];
        if (needed.FirstOrDefault(name => snapshot.Files.All(found => found.Name != name)) is { } missing)
            throw new InputException(
                $"{reference}: is no adapter that is read here: it holds no {missing}; other formats can run code."
            );
        string[] names = [.. needed, ResultRecord.FileName];
        return [.. snapshot.Files.Where(found => names.Contains(found.Name)).OrderBy(found => found.Bytes)];
    }

    // Weights of other frameworks and of training lie in folders of their own.
    private static bool IsTensors(HubFile file) => HasEnding(file, ".safetensors") && !file.Name.Contains('/');

    private static bool HasEnding(HubFile file, string ending) =>
        file.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static HubFile[] Parts(HubFile first, HubFile[] all) =>
        [.. all.Where(file => GgufPartName.AreOfOneModel(first.Name, file.Name)).OrderBy(file => file.Name)];

    private static InputException Missing(HubReference reference, string named, HubFile[] gguf)
    {
        var near = NearestName.Of(named, gguf.Select(file => file.Name));
        return new($"{reference.Repository}: holds no file '{named}'" + (near is null ? "." : $", perhaps '{near}'."));
    }
}
