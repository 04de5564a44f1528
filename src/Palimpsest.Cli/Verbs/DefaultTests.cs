using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Cli.Verbs;

/// <summary>The audit's default battery with this program's ways to teach and to round.</summary>
internal static class DefaultTests
{
    /// <summary>The battery.</summary>
    /// <param name="facts">Facts of all scopes.</param>
    /// <param name="relearn">Settings of relearning.</param>
    /// <param name="tofu">Settings of TOFU's metrics; without the gradient norm where null.</param>
    public static IReadOnlyList<IAuditTest> Create(
        IReadOnlyList<Fact> facts,
        RelearnOptions relearn,
        TofuOptions? tofu = null
    ) =>
        AuditBattery.Default(
            facts,
            rows => new RelearnTransform(rows, relearn),
            bits => new QuantizeTransform(new() { Bits = bits }),
            tofu
        );
}
