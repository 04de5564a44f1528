namespace Palimpsest.Checkpoints;

/// <summary>The one place that tells a GGUF file from a Hugging Face folder.</summary>
public static class ModelFiles
{
    /// <summary>True for a path that names a file, or what would be a GGUF file by its ending.</summary>
    public static bool IsGguf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? !Directory.Exists(path) : File.Exists(path);
    }

    /// <summary>The sizes and variants of a model.</summary>
    /// <param name="path">A GGUF file or a Hugging Face folder.</param>
    /// <exception cref="InputException">A file or a field is missing or does not fit.</exception>
    public static DecoderConfig ReadConfig(string path)
    {
        if (!IsGguf(path))
            return ModelFolder.ReadConfig(path);
        using var file = GgufFile.Open(path);
        return GgufModel.ReadConfig(file);
    }

    /// <summary>Loads a decoder, its weights converted to float32 one tensor at a time.</summary>
    /// <param name="path">A GGUF file or a Hugging Face folder.</param>
    /// <param name="device">Where the weights go; the CPU by default.</param>
    /// <param name="replacement">Makes what takes a dense projection's place as soon as its weights are read, see
    /// <see cref="CausalLM.ReplaceProjections"/>; null keeps all dense.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A file, a tensor or a field is missing or does not fit.</exception>
    public static CausalLM LoadDecoder(
        string path,
        Device? device = null,
        Func<LinearProjection, Projection>? replacement = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        if (!IsGguf(path))
            return ModelFolder.Load(path, device, replacement, progress, cancellationToken);
        using var file = GgufFile.Open(path);
        return GgufModel.Load(file, device, replacement, progress, cancellationToken);
    }

    /// <summary>Loads a decoder that computes with the codes of a GGUF file as they are, see
    /// <see cref="GgufModel.LoadStored"/>.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">It is no GGUF file, or a tensor or a field is missing or does not
    /// fit.</exception>
    public static CausalLM LoadStored(
        string path,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        if (!IsGguf(path))
            throw new InputException($"{path}: weights as they are stored are a GGUF file's; this is a folder.");
        using var file = GgufFile.Open(path);
        return GgufModel.LoadStored(file, progress, cancellationToken);
    }

    /// <summary>How many numbers the weight files hold; only headers are read.</summary>
    /// <param name="path">A GGUF file or a Hugging Face folder.</param>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static long CountWeights(string path)
    {
        if (IsGguf(path))
        {
            using var file = GgufFile.Open(path);
            return file.Tensors.Sum(tensor => tensor.Count);
        }

        using var weights = WeightFiles.Open(path);
        return weights.Names.Sum(name => weights.Spec(name).Count);
    }

    /// <summary>Loads the tokenizer of a model.</summary>
    /// <param name="path">A GGUF file or a Hugging Face folder.</param>
    /// <exception cref="InputException">The tokenizer is missing, malformed or of a kind that is not known.</exception>
    public static Tokenizer LoadTokenizer(string path)
    {
        if (!IsGguf(path))
            return Tokenizer.Load(path);
        using var file = GgufFile.Open(path);
        return GgufTokenizer.Read(file);
    }
}
