using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Palimpsest.Inference;

/// <summary>A local model with its tokenizer: text in, text out, and token probabilities.</summary>
/// <remarks>One call at a time per model; calls that come together wait for one another.</remarks>
public sealed class LanguageModel : IScoredModel
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly GenerationSettings _settings;

    /// <summary>Joins a decoder and a tokenizer; the result owns the decoder.</summary>
    /// <exception cref="InputException">The tokenizer has more ids than the decoder.</exception>
    public LanguageModel(CausalLM decoder, Tokenizer tokenizer, string name)
        : this(decoder, tokenizer, name, new(decoder.Config.EosTokenIds)) { }

    private LanguageModel(CausalLM decoder, Tokenizer tokenizer, string name, GenerationSettings settings)
    {
        if (tokenizer.VocabularySize > decoder.Config.VocabularySize)
        {
            throw new InputException(
                $"{name}: the tokenizer has {tokenizer.VocabularySize} ids, the model {decoder.Config.VocabularySize}; "
                    + $"the tokenizer is of another model."
            );
        }

        (Decoder, Tokenizer, Name, _settings) = (decoder, tokenizer, name, settings);
        EndTokens = settings.EndTokens.Concat(tokenizer.EosId is { } eos ? [eos] : []).ToHashSet();
        PadId = tokenizer.PadId ?? decoder.Config.PadTokenId ?? tokenizer.EosId ?? 0;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CausalLM Decoder { get; }

    /// <inheritdoc/>
    public Tokenizer Tokenizer { get; }

    /// <summary>Ids that end an answer.</summary>
    public IReadOnlySet<int> EndTokens { get; }

    /// <summary>The id that fills up batches.</summary>
    public int PadId { get; }

    /// <summary>Loads a Hugging Face folder or a GGUF file, and a PEFT adapter on top where one is named.</summary>
    /// <param name="path">The folder or file.</param>
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
        var tokenizer = ModelFiles.LoadTokenizer(path);
        var decoder = ModelFiles.LoadDecoder(
            path,
            device,
            weights is null ? null : QuantizedModel.Replacement(weights, device ?? CPU),
            progress,
            cancellationToken
        );
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

    /// <summary>Writes weights, tokenizer and generation settings as a Hugging Face folder, whole or not at all;
    /// settings that were loaded are kept as they were.</summary>
    /// <param name="folder">Made when it is not there; files of a model that was there before are replaced or deleted,
    /// others stay.</param>
    /// <param name="beside">Writes more below the folder that it is given, for example an adapter; null writes nothing
    /// more.</param>
    /// <param name="options">Type and shard size; null keeps the weights' own type.</param>
    /// <exception cref="InputException">The folder cannot be written; it is as it was.</exception>
    public void Save(string folder, Action<string>? beside = null, CheckpointOptions? options = null) =>
        AtomicFolder.Write(
            folder,
            place =>
            {
                beside?.Invoke(place);
                ModelFolder.Save(Decoder, place, options?.Type, (options ?? new()).MaxShardBytes);
                Tokenizer.Save(place);
                if (Decoder.Source?.Generation is null)
                    _settings.Write(place, Tokenizer.BosId, PadId);
            },
            "model*.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "chat_template.jinja",
            ResultRecord.FileName
        );

    /// <summary>Writes weights, tokenizer and chat template as a GGUF file; see
    /// <see cref="GgufExport.Write"/>.</summary>
    /// <exception cref="InputException">Model or tokenizer do something that such a file cannot say, or it cannot be
    /// written.</exception>
    public void SaveGguf(
        string path,
        GgufExportOptions? options = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => GgufExport.Write(Decoder, Tokenizer, path, options, progress, cancellationToken);

    /// <inheritdoc/>
    public IScoredModel WithDecoder(CausalLM decoder, string name) =>
        new LanguageModel(decoder, Tokenizer, name, _settings);

    /// <inheritdoc/>
    /// <remarks>A model without a template gets the turns' texts, one per line, after the tokenizer's own first
    /// token.</remarks>
    public int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(turns);
        return Tokenizer.ChatTemplate is { } template
            ? Tokenizer.Encode(template.Render(turns, addGenerationPrompt), addSpecialTokens: false)
            : Tokenizer.Encode(
                string.Join('\n', turns.Select(turn => turn.Content)) + (addGenerationPrompt ? "\n" : "")
            );
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">The conversation is longer than the model's positions.</exception>
    public TokenSequence EncodeAnswer(string question, string answer, int row = 0)
    {
        var prompt = EncodeConversation([Turn.User(question)], addGenerationPrompt: true);
        var ids = EncodeConversation([Turn.User(question), Turn.Assistant(answer)], addGenerationPrompt: false);
        if (Tokenizer.EosId is { } eos)
            ids = EndedBy(eos, ids, prompt.Length);
        if (ids.Length > Decoder.Config.LongestSequence)
        {
            var shown = question.Length > 60 ? question[..60] + "…" : question;
            throw new InputException(
                $"'{shown.ReplaceLineEndings(" ")}' and its answer are {ids.Length} tokens; the model has "
                    + $"{Decoder.Config.LongestSequence} positions."
            );
        }

        return new(ids, Math.Min(prompt.Length, ids.Length), row);
    }

    // ChatML ends a turn with the end token and a line break; what comes after the end token is nobody's answer.
    private int[] EndedBy(int eos, int[] ids, int promptLength)
    {
        var last = Array.LastIndexOf(ids, eos);
        return last >= promptLength && string.IsNullOrWhiteSpace(Tokenizer.Decode(ids.AsSpan(last + 1)))
            ? ids[..(last + 1)]
            : [.. ids, eos];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<TokenScores>> ScoreAsync(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken = default
    ) => InTurn(() => TokenScorer.Score(Decoder, PadId, sequences, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(conversations);
        var prompts = conversations.Select(turns => EncodeConversation(turns, addGenerationPrompt: true)).ToArray();
        var ids = await GenerateAsync(prompts, options, cancellationToken).ConfigureAwait(false);
        return [.. ids.Select(row => StoppedText.Cut(Tokenizer.Decode(row), options.StopStrings))];
    }

    /// <summary>Continues token ids; results hold new ids only, the end token left out.</summary>
    /// <exception cref="InputException">A prompt is empty or as long as the model's positions.</exception>
    public Task<IReadOnlyList<int[]>> GenerateAsync(
        IReadOnlyList<int[]> prompts,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    ) => InTurn(() => NewGenerator(options).Run(prompts, (_, _) => { }, cancellationToken), cancellationToken);

    /// <summary>Streams the text of one continuation as it is decoded; no piece ends within a character or a stop
    /// text.</summary>
    /// <exception cref="InputException">The prompt is empty or as long as the model's positions.</exception>
    public IAsyncEnumerable<string> StreamAsync(
        int[] prompt,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    ) => StreamAsync(prompt, options, _ => { }, cancellationToken);

    /// <summary>The same; <paramref name="onEnd"/> is told the tokens and what ended them before the last piece
    /// comes.</summary>
    internal async IAsyncEnumerable<string> StreamAsync(
        int[] prompt,
        GenerationOptions options,
        Action<GeneratedRow> onEnd,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pieces = Channel.CreateUnbounded<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var text = new StoppedText(Tokenizer, options.StopStrings);
        var work = InTurn(
            () => NewGenerator(options).RunToEnd([prompt], (_, id) => pieces.Writer.TryWrite(text.Add(id)), stop.Token),
            stop.Token
        );
        _ = work.ContinueWith(done => pieces.Writer.TryComplete(done.Exception?.InnerException), TaskScheduler.Default);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (piece.Length > 0)
                    yield return piece;
            }

            onEnd((await work.ConfigureAwait(false))[0]);
            if (text.Rest() is { Length: > 0 } rest)
                yield return rest;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        _turn.Dispose();
    }

    private Generator NewGenerator(GenerationOptions options) => new(Decoder, Tokenizer, EndTokens, PadId, options);

    /// <summary>Runs work on the weights when no other call does.</summary>
    internal async Task<T> InTurn<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
