namespace Palimpsest.Checkpoints;

/// <summary>Finds the models that a result's folder stands for.</summary>
public static class ResultFolder
{
    /// <summary>The model to load and the adapter to put on it: as they are given, or for an adapter in the model's
    /// place, its base and itself.</summary>
    /// <param name="model">A Hugging Face folder, a GGUF file, or the folder of an adapter that records its
    /// base.</param>
    /// <param name="adapter">A PEFT folder, or null.</param>
    /// <exception cref="InputException">The base is not known, not there or of other weights; an adapter is put on an
    /// adapter; or the folder stands for several models, which no decoder is.</exception>
    public static (string Model, string? Adapter) Resolve(string model, string? adapter)
    {
        if (IsModel(model))
            return (model, adapter);
        var record = ResultRecord.Read(model);
        if (record?.Composition is { } composition)
            throw new InputException(
                $"{model}: is {composition.Models.Count + 1} models that answer as one by {composition.Composer}; it "
                    + "has no weights of its own that could be changed or read here."
            );
        if (!AdapterInfo.IsAdapter(model))
            return (model, adapter);
        if (adapter is not null)
            throw new InputException(
                $"{model}: is an adapter, on which {adapter} cannot be put; merge the first into its base."
            );
        return record?.Base is { } origin
            ? (origin.Require(model), model)
            : throw new InputException(
                $"{model}: is an adapter that names no base; give the base as the model and this as its adapter."
            );
    }

    /// <summary>The models whose weights are loaded for a place: itself, the base of an adapter, or all that answer as
    /// one.</summary>
    /// <param name="model">A Hugging Face folder, a GGUF file, or a result's folder.</param>
    /// <exception cref="InputException">A record cannot be read, or a base is not there.</exception>
    public static IReadOnlyList<string> Models(string model)
    {
        if (IsModel(model) || ResultRecord.Read(model) is not { Base: { } origin } record)
            return [model];
        var place = Path.GetFullPath(Path.Combine(model, origin.Path));
        if (!Directory.Exists(place) && !File.Exists(place))
            return [origin.Require(model)];
        return [place, .. (record.Composition?.Models ?? []).Select(name => Path.Combine(model, name))];
    }

    private static bool IsModel(string place) =>
        !Directory.Exists(place) || File.Exists(Path.Combine(place, ModelSource.ConfigName));
}
