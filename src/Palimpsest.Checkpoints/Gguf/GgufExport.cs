namespace Palimpsest.Checkpoints;

/// <summary>Writes models as GGUF files, so that they run in llama.cpp, Ollama and whatever else reads the
/// format.</summary>
public static class GgufExport
{
    private const string EmbeddingName = "token_embd.weight";
    private const string HeadName = "output.weight";

    /// <summary>Writes a model with its tokenizer and chat template.</summary>
    /// <param name="model">Of a family that GGUF files are read of; active adapters are merged into what is
    /// written.</param>
    /// <param name="tokenizer">A byte-level BPE, or pieces with byte fallback.</param>
    /// <param name="path">The file; written under a temporary name, then renamed.</param>
    /// <param name="options">Type of the weights and the model's name.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors; nothing is left behind.</param>
    /// <remarks>
    /// Matrices are stored in the type asked for. Norms, biases and position embeddings are F32; with Q4_0 the
    /// embedding and the head are Q8_0; rows that are no whole number of blocks are F16.
    /// </remarks>
    /// <exception cref="InputException">Model or tokenizer do something that a GGUF file cannot say, or the file cannot
    /// be written.</exception>
    public static void Write(
        CausalLM model,
        Tokenizer tokenizer,
        string path,
        GgufExportOptions? options = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new();
        model.RequireMergeable("Exporting");
        if (model.Projections.Any(p => p.Projection.HasActiveDeltas))
        {
            using var merged = model.CloneFrozen();
            Write(merged, tokenizer, path, options, progress, cancellationToken);
            return;
        }

        var architecture = GgufArchitecture.OfFamily(model.Config.Family);
        KeyValuePair<string, object>[] metadata =
        [
            new("general.architecture", architecture.Name),
            new("general.type", "model"),
            new("general.name", options.Name ?? Path.GetFileNameWithoutExtension(path)),
            new("general.file_type", FileType(options.Type)),
            new("general.quantization_version", 2u),
            .. GgufConfigWriter.Write(model.Config, architecture),
            .. GgufTokenizerWriter.Write(tokenizer, model.Config.VocabularySize, model.Config.EosTokenIds),
        ];
        GgufFile.Write(
            path,
            metadata,
            [.. Weights(model, architecture, options.Type), .. GgufConfigWriter.Factors(model.Config)],
            progress,
            cancellationToken
        );
    }

    private static IEnumerable<GgufTensorSource> Weights(CausalLM model, GgufArchitecture architecture, GgufType type)
    {
        var names = new GgufNames(model.Config);
        var layout = new GgufWeightLayout(model.Config);
        foreach (var reference in model.ParameterRefs)
        {
            var shape = reference.Shape;
            var name = names.FileName(reference.Name);
            yield return Source(name);
            if (name == EmbeddingName && architecture.NeedsHead && model.Config is { TiedHead: true, HeadBias: false })
                yield return Source(HeadName);

            GgufTensorSource Source(string fileName) =>
                new(
                    fileName,
                    TypeOf(fileName, shape, type),
                    shape,
                    () =>
                    {
                        using var scope = NewDisposeScope();
                        using var grad = no_grad();
                        return layout.ToFile(reference.Name, reference.Value()).MoveToOuterDisposeScope();
                    }
                );
        }
    }

    private static GgufType TypeOf(string name, long[] shape, GgufType wanted)
    {
        if (shape.Length == 1 || name.StartsWith("position_embd", StringComparison.Ordinal))
            return GgufType.F32;
        var type = wanted == GgufType.Q4_0 && name is EmbeddingName or HeadName ? GgufType.Q8_0 : wanted;
        return shape[^1] % GgufLayout.Of(type).Values == 0 ? type : GgufType.F16;
    }

    private static uint FileType(GgufType type) =>
        type switch
        {
            GgufType.F32 => 0,
            GgufType.F16 => 1,
            GgufType.Q4_0 => 2,
            GgufType.Q8_0 => 7,
            GgufType.BF16 => 32,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type that is written."),
        };
}
