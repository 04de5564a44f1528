using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

/// <summary>The taps of this library.</summary>
public sealed class TapContractTests
{
    [Fact]
    public void Every_tap_is_here_and_there_is_no_delta()
    {
        var product = typeof(CausalTracer).Assembly;
        Assert.Empty(ContractCoverage.Missing<ITap>(product, [typeof(TracingTap)]));
        Assert.Empty(ContractCoverage.Implementations<IProjectionDelta>(product));
    }

    public sealed class OfTracing : TapContract
    {
        protected override ITap Create(CausalLM model, IReadOnlyList<int[]> ids)
        {
            using var generator = new Generator(5, CPU);
            var states = new Dictionary<TapSite, Tensor>
            {
                [new(0, TapPoint.MlpOutput)] = randn([6, 16], generator: generator),
                [new(1, TapPoint.BlockOutput)] = randn([6, 16], generator: generator),
            };
            return new TracingTap(1, randn([1, 2, 16], generator: generator), states, [1, 2]);
        }

        protected override ITap CreateIdle(CausalLM model) =>
            new TracingTap(1, zeros([1, 2, 16]), new Dictionary<TapSite, Tensor>(), []);
    }
}
