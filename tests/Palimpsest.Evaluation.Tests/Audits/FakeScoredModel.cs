namespace Palimpsest.Evaluation.Tests;

/// <summary>A model that says and holds what a test wants: replies by question, mean NLL by question and answer. It
/// has no weights.</summary>
internal sealed class FakeScoredModel(string name, Func<string, string> reply, Func<string, string, double> nll)
    : IWeightModel
{
    private static readonly Tokenizer Words = BpeTrainer.Train(["one for all models"], new() { VocabularySize = 300 });

    private readonly List<(string Question, string Answer)> _encoded = [];

    public string Name => name;

    public CausalLM Decoder => null!;

    public Tokenizer Tokenizer => Words;

    /// <summary>Questions that were asked, and answers that were scored.</summary>
    public int Calls { get; private set; }

    public IReadOnlySet<int> EndTokens { get; } = new HashSet<int>();

    public int PadId => 0;

    public int MaxTokens => 1024;

    public IStepModel Steps => throw new NotSupportedException();

    public IWeightModel WithDecoder(CausalLM decoder, string name) => throw new NotSupportedException();

    public int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt) =>
        throw new NotSupportedException();

    public TokenSequence EncodeAnswer(string question, string answer, int row = 0)
    {
        _encoded.Add((question, answer));
        return new([0, _encoded.Count, -1], 1, row);
    }

    public Task<IReadOnlyList<TokenScores>> ScoreAsync(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken = default
    )
    {
        Calls++;
        return Task.FromResult<IReadOnlyList<TokenScores>>([
            .. sequences.Select(sequence =>
            {
                var (question, answer) = _encoded[sequence.Ids[1] - 1];
                var value = (float)-nll(question, answer);
                float[] moments = options.VocabularyMoments ? [0, 0] : [];
                return new TokenScores([value, value], [sequence.Ids[1], -1], moments, moments);
            }),
        ]);
    }

    public Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        Calls++;
        return Task.FromResult<IReadOnlyList<string>>([.. conversations.Select(turns => reply(turns[^1].Content))]);
    }

    public void Dispose() { }
}
