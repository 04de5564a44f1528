namespace Palimpsest.Training.Tests;

public sealed class ExpertBalanceTests
{
    private static readonly DecoderConfig Config = new()
    {
        Family = "mixtral",
        VocabularySize = 40,
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 2,
        KeyValueHeads = 1,
        HeadSize = 8,
        MaxPositions = 32,
        InitializerRange = 0.3,
        Experts = new()
        {
            Count = 4,
            PerToken = 2,
            IntermediateSize = 24,
            NormalizeChosen = true,
            BalanceCoefficient = 0.02,
        },
    };

    [Fact]
    public void Loss_equals_the_value_by_hand()
    {
        // First choices: expert 0 of one token, 2 of the other; second choices: 1 of both. P = (0.3, 0.3, 0.4).
        // L = 3 · (½ · 0.3 + ½ · 0.4 + 1 · 0.3) = 1.95.
        using var scope = NewDisposeScope();
        var loss = ExpertBalance.Loss([Trace([0.5f, 0.3f, 0.2f, 0.1f, 0.3f, 0.6f], tokens: 2)]);
        Assert.Equal(1.95f, loss.item<float>(), 1e-6f);
    }

    [Fact]
    public void Padding_counts_for_nothing()
    {
        using var scope = NewDisposeScope();
        var trace = Trace([0.5f, 0.3f, 0.2f, 0.9f, 0.06f, 0.04f, 0.1f, 0.3f, 0.6f], tokens: 3);
        var mask = tensor(new long[] { 1, 0, 1 }, [1, 3]);
        Assert.Equal(1.95f, ExpertBalance.Loss([trace], mask).item<float>(), 1e-6f);
    }

    [Fact]
    public void Tokens_of_all_layers_are_counted_together()
    {
        // Layer 0 sends both tokens to 0 and 1, layer 1 to 2 and 1: the four tokens are those of the test by hand, each
        // twice.
        using var scope = NewDisposeScope();
        var first = Trace([0.5f, 0.3f, 0.2f, 0.5f, 0.3f, 0.2f], tokens: 2);
        var second = Trace([0.1f, 0.3f, 0.6f, 0.1f, 0.3f, 0.6f], tokens: 2);
        Assert.Equal(1.95f, ExpertBalance.Loss([first, second]).item<float>(), 1e-6f);
    }

    [Fact]
    public void A_uniform_router_gives_the_experts_per_token()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(
            2f,
            ExpertBalance.Loss([Trace([.. Enumerable.Repeat(0.25f, 20)], tokens: 5, experts: 4)]).item<float>(),
            1e-6f
        );
    }

    [Fact]
    public void Switched_off_it_changes_no_bit_and_switched_on_it_adds_its_weight()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(Config, seed: 3);
        using var batch = TokenBatch.Collate([new([1, 5, 9, 13, 2], 1, 0), new([1, 7, 2], 1, 1)], padId: 0);
        using var batches = new StepBatches(new Dictionary<string, TokenBatch> { [StepBatches.Train] = batch });
        var plain = TokenNll.BatchTokenMean(TokenNll.PerToken(model, batch), batch.LabelMask);
        var off = new NextTokenLoss(new() { ExpertBalance = 0 }).Loss(model, batches, default);
        Assert.Equal(plain.item<float>(), off.item<float>());
        var routers = model.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask }).Routers;
        var balance = ExpertBalance.Loss(routers, batch.AttentionMask).item<float>();
        var on = new NextTokenLoss(new() { ExpertBalance = 0.5 }).Loss(model, batches, default);
        Assert.Equal(plain.item<float>() + 0.5f * balance, on.item<float>(), 1e-5f);
    }

    [Fact]
    public async Task Training_with_it_evens_out_the_experts()
    {
        using var model = new CausalLM(Config, seed: 3);
        TokenSequence[] rows =
        [
            .. Enumerable
                .Range(0, 16)
                .Select(row => new TokenSequence(
                    [1, .. Enumerable.Range(0, 8).Select(i => 3 + (row * 5 + i * 3) % 37)],
                    1,
                    row
                )),
        ];
        var before = Balance(model, rows);
        var options = new TrainOptions
        {
            MaxSteps = 40,
            Optimizer = new() { LearningRate = 0.01 },
        };
        await new Trainer(options).RunAsync(
            model,
            new SequenceBatchSource(rows, 8, 0, 1),
            new NextTokenLoss(new() { ExpertBalance = 1 })
        );
        var after = Balance(model, rows);
        Assert.True(after < before && after < 2.1, $"{before} to {after}");
    }

    [Fact]
    public void A_model_without_experts_is_refused()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 16), seed: 1);
        using var batch = TokenBatch.Collate([new([1, 2, 3], 1, 0)], padId: 0);
        using var batches = new StepBatches(new Dictionary<string, TokenBatch> { [StepBatches.Train] = batch });
        var error = Assert.Throws<InputException>(() =>
            new NextTokenLoss(new() { ExpertBalance = 0.1 }).Loss(model, batches, default)
        );
        Assert.Contains("no experts", error.Message, StringComparison.Ordinal);
    }

    private static double Balance(CausalLM model, TokenSequence[] rows)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var batch = TokenBatch.Collate(rows, padId: 0);
        return ExpertBalance.Loss(model.Forward(new() { TokenIds = batch.Ids }).Routers).item<float>();
    }

    private static RouterTrace Trace(float[] probabilities, int tokens, int experts = 3)
    {
        var values = tensor(probabilities, [1, tokens, experts]);
        return new(0, values.log(), values, values.topk(2, -1).indexes);
    }
}
