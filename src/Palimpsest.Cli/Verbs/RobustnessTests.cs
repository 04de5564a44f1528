using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Cli.Verbs;

/// <summary>The changes of weights that an audit makes.</summary>
internal static class RobustnessTests
{
    /// <summary>Relearning on half of the subjects, measured on the others, and rounding to 8 and 4 bits.</summary>
    public static IReadOnlyList<RobustnessTest> Of(IReadOnlyList<Fact> facts, RelearnOptions relearn)
    {
        var split = RelearnSplit.Of(facts);
        Fact[] forget = [.. facts.Where(fact => fact.Scope == FactScope.Forget)];
        RobustnessTest Rounded(int bits) =>
            new(
                $"{bits}-bit quantisation",
                new QuantizeTransform(new() { Bits = bits }),
                forget,
                AlsoOnRetrained: false
            );
        return split.Measured.Count == 0
            ? [Rounded(8), Rounded(4)]
            :
            [
                new("relearning", new RelearnTransform(split.Rows, relearn), split.Measured, AlsoOnRetrained: true),
                Rounded(8),
                Rounded(4),
            ];
    }
}
