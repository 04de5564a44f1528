namespace Palimpsest.Evaluation;

/// <summary>Asks a second judge about the replies in which the first finds nothing stated.</summary>
/// <param name="first">The cheap one; what it calls stated stands, as does a refusal that the second calls
/// absent.</param>
/// <param name="second">The dear one.</param>
public sealed class LayeredJudge(IJudge first, IJudge second) : IJudge
{
    /// <inheritdoc/>
    public string Name => $"{first.Name}, then {second.Name}";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Verdict>> JudgeAsync(
        IReadOnlyList<Probe> probes,
        IReadOnlyList<string> replies,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(probes);
        Verdict[] verdicts = [.. await first.JudgeAsync(probes, replies, cancellationToken).ConfigureAwait(false)];
        var open = Enumerable.Range(0, verdicts.Length).Where(i => verdicts[i] != Verdict.Stated).ToArray();
        var again =
            open.Length == 0
                ? []
                : await second
                    .JudgeAsync([.. open.Select(i => probes[i])], [.. open.Select(i => replies[i])], cancellationToken)
                    .ConfigureAwait(false);
        foreach (var (i, verdict) in open.Zip(again))
            verdicts[i] = verdict == Verdict.Absent ? verdicts[i] : verdict;
        return verdicts;
    }
}
