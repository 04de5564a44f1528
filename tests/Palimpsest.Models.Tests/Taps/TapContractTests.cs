using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>The taps of this library.</summary>
public sealed class TapContractTests
{
    [Fact]
    public void Every_tap_is_here() =>
        Assert.Empty(ContractCoverage.Missing<ITap>(typeof(CausalLM).Assembly, [typeof(ActivationRecorder)]));

    public sealed class OfRecorder : TapContract
    {
        protected override bool Changes => false;

        protected override ITap Create(CausalLM model, IReadOnlyList<int[]> ids) =>
            new ActivationRecorder(new(0, TapPoint.Query), new(1, TapPoint.BlockOutput));

        protected override ITap CreateIdle(CausalLM model) => ActivationRecorder.HiddenStates(model.Config);
    }
}
