namespace Palimpsest.Checkpoints;

/// <summary>The safetensors files of a folder.</summary>
internal sealed class FolderWeights : IStoredWeights
{
    private readonly WeightFiles _files;
    private readonly Dictionary<string, string> _storedNames;

    /// <summary>Opens a folder and checks that its tensors are those of the model.</summary>
    /// <exception cref="InputException">A tensor or file is missing or does not fit.</exception>
    public FolderWeights(string folder, CausalLM outline)
    {
        _files = WeightFiles.Open(folder);
        try
        {
            WeightCheck.RequireFit(outline, _files);
            _storedNames = _files
                .Names.Where(name => outline.WeightName(name, _files.Contains) is not null)
                .ToDictionary(name => outline.WeightName(name, _files.Contains)!, StringComparer.Ordinal);
        }
        catch
        {
            _files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _storedNames.ContainsKey(name);

    /// <inheritdoc/>
    public TensorSpec Spec(string name) => _files.Spec(_storedNames[name]) with { Name = name };

    /// <inheritdoc/>
    public string PathOf(string name) => _files.PathOf(_storedNames[name]);

    /// <inheritdoc/>
    public Tensor Read(string name) => _files.Read(_storedNames[name]);

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();
}
