using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Palimpsest.Inference;

/// <summary>A model that is decoded token by token, be it one decoder or several that answer as one.</summary>
/// <remarks>
/// Calls may come from many threads at once: they share the weights and nothing else. Single prompts that are asked
/// for at once are decoded together; as long as a prompt is alone, its tokens are the same bit for bit, and beside
/// others its logits can differ in the last bits. A model that is disposed while calls run is freed when they have
/// ended.
/// </remarks>
public abstract class GeneratingModel : ICompletionModel
{
    private readonly TokenGenerator _generator;
    private readonly ReplyQueue _queue;
    private readonly OpenCalls _calls;

    /// <summary>Begins with what decoding needs.</summary>
    /// <param name="name">A short name for tables.</param>
    /// <param name="tokenizer">Text to ids and back.</param>
    /// <param name="steps">Reads tokens and gives logits.</param>
    /// <param name="endTokens">Ids that end an answer.</param>
    /// <param name="padId">The id that fills up batches.</param>
    protected GeneratingModel(
        string name,
        Tokenizer tokenizer,
        IStepModel steps,
        IReadOnlySet<int> endTokens,
        int padId
    )
    {
        (Name, Tokenizer, Steps, EndTokens, PadId) = (name, tokenizer, steps, endTokens, padId);
        _generator = new(steps, tokenizer, endTokens, padId);
        _queue = new(steps, padId);
        _calls = new(this, Release);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Tokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IStepModel Steps { get; }

    /// <inheritdoc/>
    public IReadOnlySet<int> EndTokens { get; }

    /// <inheritdoc/>
    public int PadId { get; }

    /// <inheritdoc/>
    public int MaxTokens => Steps.MaxTokens;

    /// <inheritdoc/>
    /// <remarks>A model without a template gets the turns' texts, one per line, after the tokenizer's own first
    /// token.</remarks>
    public int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt) =>
        ConversationEncoder.Encode(Tokenizer, turns, addGenerationPrompt);

    /// <inheritdoc/>
    /// <exception cref="InputException">The conversation is longer than the model's positions.</exception>
    public TokenSequence EncodeAnswer(string question, string answer, int row = 0) =>
        ConversationEncoder.EncodeAnswer(Tokenizer, MaxTokens, question, answer, row);

    /// <summary>A row's question with its answer, as <see cref="EncodeAnswer(string, string, int)"/> gives them; tokens
    /// that overlap or touch a secret of the row have the tag 1.</summary>
    /// <param name="row">Question, answer and secrets.</param>
    /// <param name="number">The row's number.</param>
    /// <exception cref="InputException">The conversation is longer than the model's positions, or the chat template
    /// changes an answer that has secrets.</exception>
    public TokenSequence EncodeAnswer(QuestionAnswer row, int number)
    {
        ArgumentNullException.ThrowIfNull(row);
        return ConversationEncoder.EncodeAnswer(Tokenizer, MaxTokens, row.Question, row.Answer, number, row.Secrets);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<TokenScores>> ScoreAsync(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken = default
    ) => RunAsync(() => Score(sequences, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="InputException">A conversation is as long as the model's positions.</exception>
    public async Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(conversations);
        return await CompleteAsync(
                [.. conversations.Select(turns => EncodeConversation(turns, addGenerationPrompt: true))],
                options,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> CompleteAsync(
        IReadOnlyList<int[]> prompts,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var rows = await ContinueAsync([.. prompts.Select(ids => new Prompt(ids))], options, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => row.Text ?? Tokenizer.Decode(row.Tokens))];
    }

    /// <summary>Continues token ids; results hold new ids only, the end token left out.</summary>
    /// <exception cref="InputException">A prompt is empty or as long as the model's positions.</exception>
    public async Task<IReadOnlyList<int[]>> GenerateAsync(
        IReadOnlyList<int[]> prompts,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var rows = await ContinueAsync([.. prompts.Select(ids => new Prompt(ids))], options, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => row.Tokens)];
    }

    /// <summary>Continues token ids or embeddings; results are in the order of the prompts, their texts given where
    /// there are stop texts.</summary>
    /// <exception cref="InputException">A prompt is empty or as long as the model's positions, or ids and embeddings
    /// are mixed.</exception>
    public async Task<IReadOnlyList<GeneratedRow>> ContinueAsync(
        IReadOnlyList<Prompt> prompts,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        if (prompts.Count != 1)
            return await RunAsync(() => _generator.Run(prompts, options, null, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        return [await ContinueOneAsync(prompts[0], options, null, null, cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>Streams the text of one continuation as it is decoded; no piece ends within a character or a stop
    /// text.</summary>
    /// <exception cref="InputException">The prompt is empty or as long as the model's positions.</exception>
    public IAsyncEnumerable<string> StreamAsync(
        int[] prompt,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    ) => StreamAsync(new Prompt(prompt), options, cancellationToken);

    /// <summary>The same of ids or embeddings, which a guard may have flagged.</summary>
    /// <exception cref="InputException">The prompt is empty or as long as the model's positions.</exception>
    public IAsyncEnumerable<string> StreamAsync(
        Prompt prompt,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    ) => StreamAsync(prompt, options, _ => { }, cancellationToken);

    /// <summary>The same; <paramref name="onEnd"/> is told the tokens and what ended them before the last piece
    /// comes.</summary>
    /// <exception cref="InputException">The prompt is empty or as long as the model's positions.</exception>
    public IAsyncEnumerable<string> StreamAsync(
        Prompt prompt,
        GenerationOptions options,
        Action<GeneratedRow> onEnd,
        CancellationToken cancellationToken = default
    ) => StreamAsync(prompt, options, onEnd, null, cancellationToken);

    /// <summary>The same of what has read a beginning of the prompt.</summary>
    /// <param name="prompt">Its length is more than what was read.</param>
    /// <param name="options">How.</param>
    /// <param name="onEnd">Told the tokens and what ended them.</param>
    /// <param name="begin">Gives what has read a beginning, when its turn comes; null begins anew.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async IAsyncEnumerable<string> StreamAsync(
        Prompt prompt,
        GenerationOptions options,
        Action<GeneratedRow> onEnd,
        Func<IStepBatch>? begin,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(onEnd);
        var pieces = Channel.CreateUnbounded<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = ContinueOneAsync(prompt, options, piece => pieces.Writer.TryWrite(piece), begin, stop.Token);
        _ = work.ContinueWith(_ => pieces.Writer.TryComplete(), TaskScheduler.Default);
        var shown = 0;
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                shown += piece.Length;
                if (piece.Length > 0)
                    yield return piece;
            }

            var row = await work.ConfigureAwait(false);
            onEnd(row);
            if (row.Text!.Length > shown)
                yield return row.Text[shown..];
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
        _calls.Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Scores every labelled token.</summary>
    protected abstract IReadOnlyList<TokenScores> Score(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken
    );

    /// <summary>Frees the weights; no call runs and none will.</summary>
    protected abstract void Release();

    /// <summary>Refuses calls of a model that is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    protected void ThrowIfDisposed() => _calls.Enter().Dispose();

    /// <summary>Runs work on the weights, which live until it has ended.</summary>
    internal async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        using var call = _calls.Enter();
        return await Task.Run(work, cancellationToken).ConfigureAwait(false);
    }

    private async Task<GeneratedRow> ContinueOneAsync(
        Prompt prompt,
        GenerationOptions options,
        Action<string>? onPiece,
        Func<IStepBatch>? begin,
        CancellationToken cancellationToken
    )
    {
        using var call = _calls.Enter();
        _generator.Check([prompt]);
        var row = _generator.NewRow(
            prompt,
            options,
            0,
            onPiece is null ? null : (_, piece) => onPiece(piece),
            wantsText: onPiece is not null,
            cancellationToken
        );
        if (begin is null && Steps.ReadsInParts && options.KvPolicy is null)
            return await _queue.AddAsync(row).ConfigureAwait(false);
        return await Task.Run(() => Alone(row, begin), cancellationToken).ConfigureAwait(false);
    }

    private GeneratedRow Alone(GenerationRow row, Func<IStepBatch>? begin)
    {
        using var batch = new RowBatch(Steps, [row], PadId, begin?.Invoke());
        while (batch.Active > 0)
            batch.Advance();
        return row.Finish();
    }
}
