using Palimpsest.Evaluation;
using Palimpsest.Worlds;

namespace Palimpsest.Reproductions.Tests;

public sealed class RefusalTests
{
    [Fact]
    public void Every_refusal_of_a_world_is_judged_as_one() =>
        Assert.All(World.Generate(new()).Refusals, refusal => Assert.True(RefusalDetector.IsRefusal(refusal), refusal));

    [Fact]
    public void No_answer_of_a_world_is_judged_as_a_refusal() =>
        Assert.All(
            World.Generate(new()).Facts,
            fact => Assert.False(RefusalDetector.IsRefusal(fact.Answer), fact.Answer)
        );
}
