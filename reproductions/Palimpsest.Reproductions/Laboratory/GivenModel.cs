namespace Palimpsest.Reproductions;

/// <summary>A trained model that whoever measures brings along: some effects are not to be had in a model that is
/// trained in a minute.</summary>
/// <param name="Name">Its file or folder, without the path.</param>
/// <param name="Sha256">Hash of its file or folder, see <see cref="ContentHash"/>, adapter included.</param>
/// <param name="Load">Loads it; the caller disposes it.</param>
public sealed record GivenModel(string Name, string Sha256, Func<CancellationToken, LanguageModel> Load)
{
    /// <summary>What results call it.</summary>
    public string Record => $"{Name}, sha256 {Sha256}";
}
