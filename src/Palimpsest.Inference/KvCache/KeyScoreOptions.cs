namespace Palimpsest.Inference;

/// <summary>Settings of a <see cref="KeyScorePolicy"/>.</summary>
public record KeyScoreOptions
{
    /// <summary>Entries per head that stay: a share of the prompt, or tokens.</summary>
    public KvBudget Budget { get; init; } = KvBudget.OfPrompt(0.5);

    /// <summary>Whether entries leave at every token too, not only after prompts.</summary>
    public bool AtSteps { get; init; }
}
