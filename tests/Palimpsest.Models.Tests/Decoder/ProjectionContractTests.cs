using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>The projections of this library.</summary>
public sealed class ProjectionContractTests
{
    [Fact]
    public void Every_projection_is_here()
    {
        Type[] subjects = [typeof(LinearProjection), typeof(LowRankSparseProjection)];
        Assert.Empty(ContractCoverage.Missing<Projection>(typeof(CausalLM).Assembly, subjects));
    }

    public sealed class OfDense : ProjectionContract
    {
        protected override Type Kind => typeof(LinearProjection);

        protected override void Replace(CausalLM model) { }
    }

    public sealed class OfLowRankAndSparse : OfLost
    {
        protected override LostActivation Activation => LostActivation.None;
    }

    public sealed class OfLowRankAndSparseWithAnActivationBetween : OfLost
    {
        protected override LostActivation Activation => LostActivation.BetweenFactors;
    }

    public sealed class OfLowRankAndSparseWithAnActivationAfter : OfLost
    {
        protected override LostActivation Activation => LostActivation.AfterSum;
    }

    public abstract class OfLost : ProjectionContract
    {
        protected abstract LostActivation Activation { get; }

        protected override Type Kind => typeof(LowRankSparseProjection);

        protected override void Replace(CausalLM model) =>
            LowRankSparseProjection.Replace(
                model,
                new()
                {
                    Rank = 8,
                    ColumnShare = 0.25,
                    Activation = Activation,
                }
            );
    }
}
