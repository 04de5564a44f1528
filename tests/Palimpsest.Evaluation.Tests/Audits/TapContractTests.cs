using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

/// <summary>The taps of this library.</summary>
public sealed class TapContractTests
{
    [Fact]
    public void Every_tap_is_here_and_there_is_no_delta()
    {
        var product = typeof(ActivationPatching).Assembly;
        Assert.Empty(ContractCoverage.Missing<ITap>(product, [typeof(ActivationPatching.Patch)]));
        Assert.Empty(ContractCoverage.Implementations<IProjectionDelta>(product));
    }

    public sealed class OfPatch : TapContract
    {
        protected override ITap Create(CausalLM model, IReadOnlyList<int[]> ids)
        {
            var batch = TokenBatch.Collate([.. ids.Select(row => new TokenSequence(row, LabelStart: 1))], 0);
            using var generator = new Generator(5, CPU);
            var states = randn([48, 16], generator: generator)[batch.Ids]; // by token: rows do not matter
            return new ActivationPatching.Patch(1, states, batch);
        }

        protected override ITap CreateIdle(CausalLM model)
        {
            // Nothing is labelled, so that nothing is predicted.
            var batch = TokenBatch.Collate([new TokenSequence([3, 7, 11, 19, 5, 23], 6)], 0);
            return new ActivationPatching.Patch(1, zeros([1, 6, 16]), batch);
        }
    }
}
