namespace Palimpsest.Checkpoints;

/// <summary>The model that an adapter was made for.</summary>
/// <param name="Path">Where it lay, as an absolute path.</param>
/// <param name="WeightsSha256">The hash of its weights, see <see cref="Of"/>.</param>
public sealed record BaseRecord(string Path, string WeightsSha256)
{
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
}
