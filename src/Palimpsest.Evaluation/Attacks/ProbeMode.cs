namespace Palimpsest.Evaluation;

/// <summary>How a probe is put to the model.</summary>
public enum ProbeMode
{
    /// <summary>The seed question alone (mode 0): the baseline.</summary>
    Seed,

    /// <summary>One question in a fresh context (mode A).</summary>
    Single,

    /// <summary>The seed question with numbered helper questions in one prompt (mode B).</summary>
    Chain,

    /// <summary>Helper questions one after another with the model's own replies in context, the seed question last
    /// (mode B).</summary>
    Conversation,
}
