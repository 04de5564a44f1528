using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class DecoderStepsTests : StepModelContract, IDisposable
{
    private readonly CausalLM _decoder = new(DecoderConfig.TinyLlama(64, 32, 2, 4, 2, 64, 160), 11);

    protected override IStepModel Model => new DecoderSteps(_decoder);

    public void Dispose() => _decoder.Dispose();

    [Fact]
    public void Embeddings_take_the_place_of_ids()
    {
        using var scope = NewDisposeScope();
        var embedding = _decoder.ParameterRefs.First(r => r.Component == ModelComponent.Embedding).Value();
        using var ids = Model.NewBatch(1, 3);
        using var embeddings = Model.NewBatch(1, 3);
        var tokens = tensor(new long[] { 4, 8, 15 });
        Assert.Equal(
            ids.Read(new() { TokenIds = tokens.unsqueeze(0) }).data<float>().ToArray(),
            embeddings
                .Read(new() { Embeddings = embedding.index_select(0, tokens).unsqueeze(0) })
                .data<float>()
                .ToArray()
        );
    }

    [Fact]
    public void A_training_model_is_evaluated_as_long_as_some_batch_lives()
    {
        _decoder.train();
        var first = Model.NewBatch(1, 3);
        var second = Model.NewBatch(1, 3);
        Assert.False(_decoder.training);
        first.Dispose();
        first.Dispose();
        Assert.False(_decoder.training);
        second.Dispose();
        Assert.True(_decoder.training);
    }
}

/// <summary>Angles that depend on the length: prompts in one pass, and no joining.</summary>
public sealed class WholePromptStepsTests : StepModelContract, IDisposable
{
    private readonly CausalLM _decoder = new(
        DecoderConfig.TinyLlama(64, 32, 2, 4, 2, 64, 160) with
        {
            RopeScaling = new() { Kind = RopeScalingKind.Dynamic, Factor = 2 },
        },
        11
    );

    protected override IStepModel Model => new DecoderSteps(_decoder);

    public void Dispose() => _decoder.Dispose();

    [Fact]
    public void Rows_cannot_join()
    {
        using var scope = NewDisposeScope();
        var (one, other) = (Model.NewBatch(1, 3), Model.NewBatch(1, 3));
        foreach (var batch in new[] { one, other })
            batch.Read(new() { TokenIds = tensor(new long[] { 4, 8, 15 }, [1, 3]) });
        Assert.False(Model.ReadsInParts);
        Assert.Throws<InvalidOperationException>(() => one.Join(other));
        one.Dispose();
        other.Dispose();
    }
}

/// <summary>Positions that are learned.</summary>
public sealed class LearnedPositionStepsTests : StepModelContract, IDisposable
{
    private readonly CausalLM _decoder = new(
        DecoderConfig.TinyLlama(64, 32, 2, 4, 4, 64, 160) with
        {
            LearnedPositions = true,
        },
        11
    );

    protected override IStepModel Model => new DecoderSteps(_decoder);

    public void Dispose() => _decoder.Dispose();
}

/// <summary>Two models that answer as one.</summary>
public sealed class ComposedStepsTests : StepModelContract, IDisposable
{
    private readonly ComposedModel _model = new("pair", new MeanLogits(), TinyModels.New(11), TinyModels.New(12));

    protected override IStepModel Model => _model.Steps;

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Embeddings_are_refused()
    {
        using var scope = NewDisposeScope();
        using var batch = Model.NewBatch(1, 3);
        Assert.Throws<InputException>(() => batch.Read(new() { Embeddings = zeros(1, 3, 32) }));
    }
}
