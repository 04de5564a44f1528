namespace Palimpsest.Inference;

/// <summary>A local model with its tokenizer: text in, text out, and token probabilities.</summary>
public sealed class LanguageModel : IScoredModel, IDisposable
{
    /// <summary>Joins a decoder and a tokenizer; the result owns the decoder.</summary>
    /// <exception cref="InputException">The tokenizer has more ids than the decoder.</exception>
    public LanguageModel(CausalLM decoder, Tokenizer tokenizer, string name) => throw new NotImplementedException();

    /// <summary>Loads a Hugging Face folder, and a PEFT adapter on top where one is named.</summary>
    public static LanguageModel Load(string folder, string? adapter = null, Device? device = null, IProgress<TaskProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Writes weights, tokenizer and generation settings as a Hugging Face folder.</summary>
    public void Save(string folder) => throw new NotImplementedException();

    /// <inheritdoc/>
    public string Name => throw new NotImplementedException();

    /// <inheritdoc/>
    public CausalLM Decoder => throw new NotImplementedException();

    /// <inheritdoc/>
    public Tokenizer Tokenizer => throw new NotImplementedException();

    /// <inheritdoc/>
    public int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt) => throw new NotImplementedException();

    /// <inheritdoc/>
    public TokenSequence EncodeAnswer(string question, string answer, int row = 0) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<IReadOnlyList<TokenScores>> ScoreAsync(IReadOnlyList<TokenSequence> sequences, ScoreOptions options, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReplyAsync(IReadOnlyList<IReadOnlyList<Turn>> conversations, GenerationOptions options, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Continues token ids; results hold new ids only, the end token left out.</summary>
    public Task<IReadOnlyList<int[]>> GenerateAsync(IReadOnlyList<int[]> prompts, GenerationOptions options, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Streams the text of one continuation as it is decoded.</summary>
    public IAsyncEnumerable<string> StreamAsync(int[] prompt, GenerationOptions options, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
