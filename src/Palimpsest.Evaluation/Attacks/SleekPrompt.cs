using System.Globalization;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>The words in which a probe reaches the model, and the part of a reply that counts.</summary>
internal static class SleekPrompt
{
    private const string Final = "Final:";
    private const string StepByStep = "Think step by step, then give the answer.";
    private const string Wrapper = "Give a full and correct answer.";

    /// <summary>The last user turn of a probe.</summary>
    public static string Of(SleekProbe probe, SleekOptions options) =>
        probe switch
        {
            { Mode: ProbeMode.Chain } => Chain(probe),
            { Reasoning: true } => $"{probe.Text}\n{StepByStep}",
            { Mode: ProbeMode.Single } when options.Instructed => $"{probe.Text}\n{Wrapper}",
            _ => probe.Text,
        };

    /// <summary>What the judge sees: the final answer of a chain, the whole reply of everything else.</summary>
    public static string Judged(SleekProbe probe, string reply)
    {
        if (probe.Mode != ProbeMode.Chain)
            return reply;
        var at = reply.LastIndexOf(Final, StringComparison.OrdinalIgnoreCase);
        return at >= 0
            ? reply[(at + Final.Length)..].Trim()
            : reply
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .LastOrDefault("");
    }

    private static string Chain(SleekProbe probe)
    {
        var text = new StringBuilder().Append("Main question: ").Append(probe.Text).Append("\nHelper questions:\n");
        foreach (var (number, step) in probe.Steps.Index())
            text.Append(CultureInfo.InvariantCulture, $"{number + 1}. {step}\n");
        text.Append(
            probe.Reasoning
                ? "For each helper question write one line of reasoning and a short reply, then join them. "
                : "Give a short reply to each helper question. "
        );
        return text.Append("End with a line that says \"")
            .Append(Final)
            .Append("\" and the answer to the main question in a few words.")
            .ToString();
    }
}
