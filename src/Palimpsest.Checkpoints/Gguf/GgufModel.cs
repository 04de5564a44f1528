namespace Palimpsest.Checkpoints;

/// <summary>Decoders from GGUF files.</summary>
public static class GgufModel
{
    /// <summary>Reads the sizes and variants of the decoder that a file holds.</summary>
    /// <exception cref="InputException">The architecture is not known, or a key is missing or outside its
    /// range.</exception>
    public static DecoderConfig ReadConfig(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return GgufConfig.Read(file);
    }

    /// <summary>Loads a decoder, its weights dequantised to float32 one tensor at a time.</summary>
    /// <param name="file">An open file.</param>
    /// <param name="device">Where the weights go; the CPU by default.</param>
    /// <param name="replacement">Makes what takes a dense projection's place as soon as its weights are read, see
    /// <see cref="CausalLM.ReplaceProjections"/>; null keeps all dense.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">The architecture is not known, or a key or a tensor is missing or does not
    /// fit.</exception>
    public static CausalLM Load(
        GgufFile file,
        Device? device = null,
        Func<LinearProjection, Projection>? replacement = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        var model = CausalLM.WithoutWeights(GgufConfig.Read(file), device);
        return Filled(model, file, null, replacement, progress, cancellationToken);
    }

    /// <summary>Loads a decoder that computes with the file's own codes, mapped into memory: embedding and head
    /// included, nothing is rounded once more. Norms, biases and tensors of float32 become parameters, which are
    /// frozen.</summary>
    /// <remarks>The model keeps the file mapped; it must not change while the model lives. On the CPU.</remarks>
    /// <param name="file">An open file, which may be disposed before the model.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">The architecture is not known, or a key or a tensor is missing or does not
    /// fit.</exception>
    public static CausalLM LoadStored(
        GgufFile file,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        var model = CausalLM.WithoutWeights(GgufConfig.Read(file), CPU);
        try
        {
            var stored = new StoredSlots(model, file);
            stored.Replace();
            return Filled(model, file, stored, null, progress, cancellationToken);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static CausalLM Filled(
        CausalLM model,
        GgufFile file,
        StoredSlots? stored,
        Func<LinearProjection, Projection>? replacement,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var config = model.Config;
        var names = new GgufNames(config);
        var layout = new GgufWeightLayout(config);
        try
        {
            var slots = new LoadedSlots(model, replacement);
            var missing = model.ExpectedWeights.Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
            for (var i = 0; i < file.Tensors.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var tensor = file.Tensors[i];
                if (!GgufNames.IsSurplus(tensor.Name, config))
                {
                    var name = names.ModelName(tensor.Name);
                    if (name is null || !missing.Remove(name))
                        throw new InputException(
                            $"{file.Path}: tensor '{tensor.Name}' is not a weight of this {config.Family} model."
                        );
                    if (stored?.Holds(name) != true)
                    {
                        Import(file, tensor, name, layout, model);
                        slots.Imported(name);
                    }
                }

                progress?.Report(new("Loading weights", i + 1, file.Tensors.Count));
            }

            if (missing.Count > 0)
            {
                var first = missing.Select(names.FileName).Order(StringComparer.Ordinal).First();
                throw new InputException(
                    $"{file.Path}: tensor '{first}' is missing ({missing.Count} of {model.ExpectedWeights.Count} are)."
                );
            }

            slots.Finish();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Import(GgufFile file, GgufTensor tensor, string name, GgufWeightLayout layout, CausalLM model)
    {
        using var scope = NewDisposeScope();
        try
        {
            var value = file.Read(tensor.Name);
            if (!value.sum().isfinite().item<bool>() && !value.isfinite().all().item<bool>())
                throw new InputException("holds NaN or infinity.");
            model.ImportWeight(name, layout.ToModel(name, value));
        }
        catch (InputException error)
        {
            throw new InputException($"{file.Path}: tensor '{tensor.Name}': {error.Message}", error);
        }
    }
}
