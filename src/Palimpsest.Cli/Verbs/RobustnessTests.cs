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
        Fact[] forget = [.. facts.Where(fact => fact.Scope == FactScope.Forget)];
        var subjects = forget.Select(fact => fact.Subject).Distinct().Order(StringComparer.Ordinal).ToArray();
        var taught = subjects.Where((_, i) => i % 2 == 0).ToHashSet();
        Fact[] measured = [.. forget.Where(fact => !taught.Contains(fact.Subject))];
        var rows = forget.Where(fact => taught.Contains(fact.Subject)).Select(fact => (fact.Question, fact.Answer)).ToArray();
        int[] widths = [8, 4];
        var rounding = widths.Select(bits => new RobustnessTest(
            $"{bits}-bit quantisation", new QuantizeTransform(new() { Bits = bits }), forget, AlsoOnRetrained: false));
        return measured.Length == 0
            ? [.. rounding]
            : [new("relearning", new RelearnTransform(rows, relearn), measured, AlsoOnRetrained: true), .. rounding];
    }
}
