namespace Palimpsest.Evaluation.Tests;

/// <summary>A model for benchmarks that prompt with running text: what it writes is given by the prompt's text, and
/// what a token of a scored text gets by that text.</summary>
/// <param name="write">What follows a prompt.</param>
/// <param name="logProbability">Of each labelled token: of the whole text and of the labelled part.</param>
internal sealed class TaskModel(Func<string, string> write, Func<string, string, float> logProbability)
    : ICompletionModel
{
    private static readonly Tokenizer Bytes = BpeTrainer.Train(["bytes"], new() { VocabularySize = 270 });

    public string Name { get; init; } = "task model";

    public Tokenizer Tokenizer => Bytes;

    public IReadOnlySet<int> EndTokens { get; } = new HashSet<int> { 0 };

    public int PadId => 0;

    public int MaxTokens { get; init; } = 4096;

    public IStepModel Steps => throw new NotSupportedException();

    /// <summary>Prompts that it went on with.</summary>
    public List<string> Prompts { get; } = [];

    /// <summary>How the last texts were decoded.</summary>
    public GenerationOptions? Decoding { get; private set; }

    /// <summary>Rows of each call.</summary>
    public List<int> Calls { get; } = [];

    public int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt) =>
        Tokenizer.Encode(turns[^1].Content);

    public TokenSequence EncodeAnswer(string question, string answer, int row = 0) =>
        new([.. Tokenizer.Encode(question), .. Tokenizer.Encode(answer)], Tokenizer.Encode(question).Length, row);

    public Task<IReadOnlyList<TokenScores>> ScoreAsync(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken = default
    )
    {
        Calls.Add(sequences.Count);
        return Task.FromResult<IReadOnlyList<TokenScores>>([
            .. sequences.Select(sequence =>
            {
                var start = Math.Max(1, sequence.LabelStart);
                var value = logProbability(
                    Tokenizer.Decode(sequence.Ids),
                    Tokenizer.Decode(sequence.Ids.AsSpan(start))
                );
                float[] values = [.. Enumerable.Repeat(value, sequence.Ids.Length - start)];
                float[] moments = options.VocabularyMoments ? [.. values.Select(_ => 1f)] : [];
                return new TokenScores(values, sequence.Ids[start..], moments, moments);
            }),
        ]);
    }

    public Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    ) =>
        CompleteAsync(
            [.. conversations.Select(turns => EncodeConversation(turns, addGenerationPrompt: true))],
            options,
            cancellationToken
        );

    public Task<IReadOnlyList<string>> CompleteAsync(
        IReadOnlyList<int[]> prompts,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        Calls.Add(prompts.Count);
        Decoding = options;
        string[] texts = [.. prompts.Select(ids => Tokenizer.Decode(ids))];
        Prompts.AddRange(texts);
        return Task.FromResult<IReadOnlyList<string>>([.. texts.Select(write)]);
    }

    public void Dispose() { }
}
