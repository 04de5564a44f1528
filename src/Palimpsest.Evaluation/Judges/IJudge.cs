namespace Palimpsest.Evaluation;

/// <summary>Decides whether a reply states a fact; a refusal is a verdict of its own.</summary>
public interface IJudge
{
    /// <summary>A short name for reports.</summary>
    string Name { get; }

    /// <summary>Judges one reply to each probe, in order.</summary>
    Task<IReadOnlyList<Verdict>> JudgeAsync(
        IReadOnlyList<Probe> probes,
        IReadOnlyList<string> replies,
        CancellationToken cancellationToken = default
    );
}
