namespace Palimpsest.Unlearning;

/// <summary>Loads whatever answers: a model, an adapter on its base, or several models that answer as one.</summary>
public static class StoredModel
{
    /// <summary>Loads a Hugging Face folder, a GGUF file or the folder of an <see cref="UnlearnResult"/>.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="adapter">A PEFT folder to put on a model, or null.</param>
    /// <param name="device">Where the weights go; the CPU by default.</param>
    /// <param name="weights">How the blocks' weights are held; null: as float32.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A file is missing or malformed, the base is not there or of other weights, or
    /// an adapter is put on a result that is an adapter or several models.</exception>
    public static GeneratingModel Load(
        string path,
        string? adapter = null,
        Device? device = null,
        QuantizeOptions? weights = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        LanguageModel One(string place) =>
            LanguageModel.Load(place, device: device, weights: weights, cancellationToken: cancellationToken);

        if (!IsComposed(path, out var record))
            return LanguageModel.Load(path, adapter, device, weights, cancellationToken: cancellationToken);
        if (adapter is not null)
            throw new InputException($"{path}: is several models that answer as one; {adapter} fits none of them.");
        var composer = LogitComposers.Create(path, record.Composition!);
        if (record.Base is not { } origin)
            throw new InputException($"{Path.Combine(path, ResultRecord.FileName)}: 'base' is missing.");
        var models = new List<LanguageModel>();
        try
        {
            models.Add(One(origin.Require(path)));
            foreach (var name in record.Composition!.Models)
                models.Add(One(Path.Combine(path, name)));
            return new ComposedModel(
                Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))),
                composer,
                [.. models]
            );
        }
        catch
        {
            foreach (var model in models)
                model.Dispose();
            throw;
        }
    }

    private static bool IsComposed(string path, out ResultRecord record)
    {
        record = (Directory.Exists(path) ? ResultRecord.Read(path) : null) ?? new();
        return record.Composition is not null;
    }
}
