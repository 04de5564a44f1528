namespace Palimpsest.Inference.Tests;

public sealed class ComposedModelTests : IDisposable
{
    private readonly LanguageModel _one = TinyModels.New(1);
    private readonly LanguageModel _other = TinyModels.New(2);
    private readonly ComposedModel _pair;

    public ComposedModelTests() => _pair = new("pair", new MeanLogits(), _one, _other);

    public void Dispose() => _pair.Dispose();

    [Fact]
    public async Task It_decodes_by_the_composed_logits()
    {
        int[] prompt = [5, 9, 11];
        var tokens = (await _pair.GenerateAsync([prompt], new() { MaxNewTokens = 12 }))[0];
        using var scope = NewDisposeScope();
        var ids = prompt.ToList();
        foreach (var token in tokens)
        {
            Assert.Equal(token, Composed(ids)[^1].argmax().item<long>());
            ids.Add(token);
        }

        Assert.Equal(tokens, (await _pair.GenerateAsync([prompt, [4]], new() { MaxNewTokens = 12 }))[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public async Task It_scores_by_the_composed_logits(int batch)
    {
        TokenSequence[] sequences =
        [
            new([5, 9, 11, 3], 2),
            new([7, 7, 8], 0),
            new([4], 0),
            new([.. Enumerable.Range(0, 120)], 60),
            new([5, 9, 2], 3),
        ];
        var scores = await _pair.ScoreAsync(sequences, new() { BatchSize = batch, VocabularyMoments = true });
        using var scope = NewDisposeScope();
        foreach (var (sequence, score) in sequences.Zip(scores))
        {
            Assert.Equal(Math.Max(0, sequence.LabelCount), score.LogProbabilities.Length);
            var log = stack(Composed(sequence.Ids)).log_softmax(-1);
            for (var i = 0; i < score.LogProbabilities.Length; i++)
            {
                var at = Math.Max(sequence.LabelStart, 1) + i;
                var row = log[at - 1];
                Assert.Equal(row[sequence.Ids[at]].item<float>(), score.LogProbabilities[i], 1e-4);
                Assert.Equal(row.argmax().item<long>(), score.Greedy[i]);
                Assert.Equal((row.exp() * row).sum().item<float>(), score.Mean[i], 1e-3);
            }
        }
    }

    [Fact]
    public async Task A_decoder_s_own_scores_are_those_that_its_steps_give()
    {
        var sequences = new[] { "sat", "ate the hat", "on the mat and the dog" }
            .Select((answer, i) => _one.EncodeAnswer("the cat", answer, i))
            .ToArray();
        var direct = await _one.ScoreAsync(sequences, new() { VocabularyMoments = true });
        var stepped = StepScorer.Score(_one.Steps, 0, sequences, new() { VocabularyMoments = true }, default);
        foreach (var (expected, actual) in direct.Zip(stepped))
        {
            Assert.Equal(expected.Greedy, actual.Greedy);
            Assert.Equal(expected.LogProbabilities, actual.LogProbabilities, (a, b) => Math.Abs(a - b) < 1e-4);
            Assert.Equal(expected.Deviation, actual.Deviation, (a, b) => Math.Abs(a - b) < 1e-3);
        }
    }

    [Fact]
    public async Task It_chats()
    {
        using var client = new LocalChatClient(_pair, new() { MaxNewTokens = 7 });
        var response = await Microsoft.Extensions.AI.ChatClientExtensions.GetResponseAsync(client, "the cat");
        Assert.Equal(("pair", 7L), (response.ModelId, response.Usage!.OutputTokenCount));
        Assert.Equal(
            (
                await _pair.ReplyAsync(
                    [
                        [Turn.User("the cat")],
                    ],
                    new() { MaxNewTokens = 7 }
                )
            )[0],
            response.Text
        );
    }

    [Fact]
    public void Models_of_another_number_or_tokenizer_are_refused_in_one_line()
    {
        var number = Assert.Throws<InputException>(() => new ComposedModel("x", new MeanLogits(), _one));
        Assert.Equal("x: MeanLogits composes 2 models; 1 are given.", number.Message);
        var letters = BpeTrainer.Train(["xyz xyz zyx"], new() { VocabularySize = 290, LeastCount = 1 });
        using var strange = new LanguageModel(
            new(DecoderConfig.TinyLlama(TinyModels.Words.VocabularySize, 32, 1, 4, 2, 64), 1),
            letters,
            "strange"
        );
        var other = Assert.Throws<InputException>(() => new ComposedModel("x", new MeanLogits(), _one, strange));
        Assert.Contains("different tokenizers", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_has_no_weights_and_says_so_in_one_line()
    {
        var error = Assert.Throws<InputException>(() => _pair.RequireWeights("Relearning"));
        Assert.Equal(
            "Relearning needs the weights of one model; 'pair' has none of its own, it is a ComposedModel.",
            error.Message
        );
        Assert.Same(_one, _one.RequireWeights("Relearning"));
    }

    private List<Tensor> Composed(IReadOnlyList<int> ids)
    {
        var input = tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Count]);
        var logits = new[] { _one, _other }.Select(m => m.Decoder.Forward(new() { TokenIds = input }).Logits![0]);
        return [.. logits.Aggregate((a, b) => a + b).div(2).unbind(0)];
    }
}
