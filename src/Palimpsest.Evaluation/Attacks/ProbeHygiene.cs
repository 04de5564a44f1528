namespace Palimpsest.Evaluation;

/// <summary>Drops probes that prove nothing.</summary>
public static class ProbeHygiene
{
    /// <summary>Keeps probes that do not hold one of their own expected answers, in the text or a step, each text once
    /// per fact.</summary>
    public static IReadOnlyList<SleekProbe> Filter(IReadOnlyList<SleekProbe> probes)
    {
        ArgumentNullException.ThrowIfNull(probes);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. probes.Where(probe =>
                !GivesAway(probe)
                && seen.Add(
                    $"{probe.FactId}|{probe.Mode}|{probe.Reasoning}|{probe.IsFactorCell}|"
                        + $"{FoldedText.Of(probe.Text)}|{FoldedText.Of(string.Join('|', probe.Steps))}"
                )
            ),
        ];
    }

    /// <summary>True when the probe's own words hold an expected answer.</summary>
    public static bool GivesAway(Probe probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var words = probe.Steps.Append(probe.Text).Select(FoldedText.Words).ToArray();
        return probe
            .Expected.Select(FoldedText.Words)
            .Any(expected => expected.Count == 0 || words.Any(text => FoldedText.IndexOf(text, expected) >= 0));
    }
}
