namespace Palimpsest.Checkpoints;

/// <summary>The model that a result was made for, or made from.</summary>
/// <param name="Path">Where it lay, as an absolute path; or the name of a folder within the result's own, which brings
/// its base with it.</param>
/// <param name="WeightsSha256">The hash of its weights, see <see cref="Of"/>.</param>
public sealed record BaseRecord(string Path, string WeightsSha256)
{
    /// <summary>The folder within an adapter's in which its changed base lies.</summary>
    public const string OwnFolder = "base";

    /// <summary>True when the result's folder holds the model itself: no other fits.</summary>
    public bool IsOwn => !System.IO.Path.IsPathRooted(Path);

    /// <summary>Names a model by path and weights: a GGUF file's hash, or that of the manifest of a folder's
    /// safetensors files, so that a changed tokenizer does not make another model of it.</summary>
    /// <exception cref="InputException">The model is missing or cannot be read.</exception>
    public static BaseRecord Of(string model) =>
        new(
            System.IO.Path.GetFullPath(model),
            Directory.Exists(model)
                ? ContentHash.OfText(ContentHash.Text(ContentHash.Manifest(model, "*.safetensors")))
                : ContentHash.OfFile(model)
        );

    /// <summary>Names a model within a result's folder.</summary>
    /// <param name="folder">The result's folder.</param>
    /// <param name="name">The model's folder within.</param>
    /// <exception cref="InputException">The model is missing or cannot be read.</exception>
    public static BaseRecord Within(string folder, string name) =>
        Of(System.IO.Path.Combine(folder, name)) with
        {
            Path = name,
        };

    /// <summary>The model's place, once its weights are seen to be those of the record.</summary>
    /// <param name="folder">The result's folder.</param>
    /// <exception cref="InputException">The model is missing, or has other weights.</exception>
    public string Require(string folder)
    {
        var place = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, Path));
        if (!Directory.Exists(place) && !File.Exists(place))
            throw new InputException(
                $"{folder}: its base {place} is not there; needed is the model of weights {WeightsSha256}."
            );
        RequireSame(folder, place);
        return place;
    }

    /// <summary>Refuses another model than the record's.</summary>
    /// <param name="folder">The result's folder.</param>
    /// <param name="model">A Hugging Face folder or a GGUF file.</param>
    /// <exception cref="InputException">The weights differ, or cannot be read.</exception>
    public void RequireSame(string folder, string model)
    {
        var found = Of(model).WeightsSha256;
        if (found != WeightsSha256)
            throw new InputException(
                $"{folder}: was made for the weights {WeightsSha256} of {Path}; those of {model} are {found}, on which "
                    + "it forgets nothing."
            );
    }
}
