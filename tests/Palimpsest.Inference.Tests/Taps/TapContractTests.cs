using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>The taps and deltas of this library.</summary>
public sealed class TapContractTests
{
    [Fact]
    public void Every_tap_is_here_and_there_is_no_delta()
    {
        var product = typeof(EmbeddingNoise).Assembly;
        Assert.Empty(ContractCoverage.Missing<ITap>(product, [typeof(EmbeddingNoise), typeof(RetrievalHeadTap)]));
        Assert.Empty(ContractCoverage.Implementations<IProjectionDelta>(product));
    }

    public sealed class OfEmbeddingNoise : TapContract
    {
        protected override long Flag => 5;

        protected override ITap Create(CausalLM model, IReadOnlyList<int[]> ids) =>
            new EmbeddingNoise(new() { Deviation = 0.1, Seed = 2 });

        protected override ITap CreateIdle(CausalLM model) => new EmbeddingNoise(new() { Deviation = 0 });
    }

    public sealed class OfRetrievalHeads : TapContract
    {
        protected override bool Changes => false;

        protected override ITap Create(CausalLM model, IReadOnlyList<int[]> ids) => new RetrievalHeadTap(block: 2);
    }
}
