namespace Palimpsest.Evaluation;

/// <summary>The two questions that an audit keeps apart.</summary>
public enum AuditAxis
{
    /// <summary>What the model says: its replies to questions.</summary>
    Says,

    /// <summary>What the model still holds: probabilities, hidden states, weights, whether it says it or not.</summary>
    Holds,

    /// <summary>A test that looks at both.</summary>
    Both,
}
