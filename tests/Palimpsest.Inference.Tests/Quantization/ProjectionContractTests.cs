using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>The projections of this library.</summary>
public sealed class ProjectionContractTests
{
    [Fact]
    public void Every_projection_is_here() =>
        Assert.Empty(
            ContractCoverage.Missing<Projection>(typeof(QuantizedModel).Assembly, [typeof(QuantizedProjection)])
        );

    public sealed class OfBytes : OfCodes
    {
        protected override QuantizeOptions Options => new() { Bits = 8 };
    }

    public sealed class OfHalfBytes : OfCodes
    {
        protected override QuantizeOptions Options => new() { Bits = 4 };
    }

    public abstract class OfCodes : ProjectionContract
    {
        protected abstract QuantizeOptions Options { get; }

        protected override Type Kind => typeof(QuantizedProjection);

        protected override bool Trains => false;

        protected override void Replace(CausalLM model) => QuantizedModel.Hold(model, Options);
    }
}
