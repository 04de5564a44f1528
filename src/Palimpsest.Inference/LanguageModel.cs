namespace Palimpsest.Inference;

/// <summary>A local model with its tokenizer: text in, text out, token probabilities, and its weights.</summary>
public sealed class LanguageModel : GeneratingModel, IWeightModel
{
    private readonly GenerationSettings _settings;

    /// <summary>Joins a decoder and a tokenizer; the result owns the decoder.</summary>
    /// <exception cref="InputException">The tokenizer has more ids than the decoder.</exception>
    public LanguageModel(CausalLM decoder, Tokenizer tokenizer, string name)
        : this(decoder, tokenizer, name, new(decoder.Config.EosTokenIds)) { }

    private LanguageModel(CausalLM decoder, Tokenizer tokenizer, string name, GenerationSettings settings)
        : base(
            name,
            tokenizer,
            new DecoderSteps(decoder),
            settings.EndTokens.Concat(tokenizer.EosId is { } eos ? [eos] : []).ToHashSet(),
            tokenizer.PadId ?? decoder.Config.PadTokenId ?? tokenizer.EosId ?? 0
        )
    {
        if (tokenizer.VocabularySize > decoder.Config.VocabularySize)
        {
            throw new InputException(
                $"{name}: the tokenizer has {tokenizer.VocabularySize} ids, the model {decoder.Config.VocabularySize}; "
                    + $"the tokenizer is of another model."
            );
        }

        (Decoder, _settings) = (decoder, settings);
    }

    /// <inheritdoc/>
    public CausalLM Decoder { get; }

    /// <summary>Loads a Hugging Face folder or a GGUF file, and a PEFT adapter on top where one is named.</summary>
    /// <param name="path">The folder or file; the folder of an adapter that records its base stands for the two, see
    /// <see cref="ResultFolder.Resolve"/>.</param>
    /// <param name="adapter">A PEFT folder, or null.</param>
    /// <param name="device">Where the weights go; the CPU by default.</param>
    /// <param name="weights">How the blocks' weights are held, see <see cref="QuantizedModel.Hold"/>; null: as
    /// float32.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A file is missing, malformed, or does not fit the others, or
    /// <paramref name="weights"/> do not go with the device.</exception>
    public static LanguageModel Load(
        string path,
        string? adapter = null,
        Device? device = null,
        QuantizeOptions? weights = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        (path, adapter) = ResultFolder.Resolve(path, adapter);
        var tokenizer = ModelFiles.LoadTokenizer(path);
        var decoder = LoadDecoder(path, device ?? CPU, weights, progress, cancellationToken);
        try
        {
            if (adapter is not null)
                LoraAdapter.Load(decoder, adapter);
            decoder.eval();
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(adapter ?? path)));
            return new(decoder, tokenizer, name, GenerationSettings.Read(path, decoder.Config.EosTokenIds));
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    private static CausalLM LoadDecoder(
        string path,
        Device device,
        QuantizeOptions? weights,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (weights is not { Format: QuantizedFormat.Stored })
        {
            var replacement = weights is null ? null : QuantizedModel.Replacement(weights, device);
            return ModelFiles.LoadDecoder(path, device, replacement, progress, cancellationToken);
        }

        return device.type == DeviceType.CPU
            ? ModelFiles.LoadStored(path, progress, cancellationToken)
            : throw new InputException(
                $"Weights as they are stored are computed with on the cpu; the model is on {device}."
            );
    }

    /// <summary>Writes weights, tokenizer and generation settings as a Hugging Face folder, whole or not at all;
    /// settings that were loaded are kept as they were.</summary>
    /// <param name="folder">Made when it is not there; files of a model that was there before are replaced or deleted,
    /// others stay.</param>
    /// <param name="beside">Writes more below the folder that it is given, for example an adapter; null writes nothing
    /// more.</param>
    /// <param name="options">Type and shard size; null keeps the weights' own type.</param>
    /// <exception cref="InputException">The folder cannot be written; it is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void Save(string folder, Action<string>? beside = null, CheckpointOptions? options = null)
    {
        ThrowIfDisposed();
        AtomicFolder.Write(
            folder,
            place =>
            {
                beside?.Invoke(place);
                SaveAs(Decoder, place, options);
            },
            "model*.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            ResultRecord.FileName
        );
    }

    /// <summary>Writes another decoder with this model's tokenizer and generation settings into a folder that is being
    /// written.</summary>
    /// <param name="decoder">A decoder of as many ids; active adapters are merged into what is written.</param>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="options">Type and shard size; null keeps the weights' own type.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void SaveAs(CausalLM decoder, string folder, CheckpointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ModelFolder.Save(decoder, folder, options?.Type, (options ?? new()).MaxShardBytes);
        Tokenizer.Save(folder);
        if (decoder.Source?.Generation is null)
            _settings.Write(folder, Tokenizer.BosId, PadId);
    }

    /// <summary>Writes weights, tokenizer and chat template as a GGUF file; see
    /// <see cref="GgufExport.Write"/>.</summary>
    /// <exception cref="InputException">Model or tokenizer do something that such a file cannot say, or it cannot be
    /// written.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void SaveGguf(
        string path,
        GgufExportOptions? options = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ThrowIfDisposed();
        GgufExport.Write(Decoder, Tokenizer, path, options, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public IWeightModel WithDecoder(CausalLM decoder, string name) =>
        new LanguageModel(decoder, Tokenizer, name, _settings);

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenScores> Score(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken
    ) => TokenScorer.Score(Decoder, PadId, sequences, options, cancellationToken);

    /// <inheritdoc/>
    protected override void Release() => Decoder.Dispose();
}
