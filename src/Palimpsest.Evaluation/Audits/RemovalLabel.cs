namespace Palimpsest.Evaluation;

/// <summary>What the evidence says of a model that was made to forget.</summary>
public enum RemovalLabel
{
    /// <summary>The intervals allow more than one label.</summary>
    Inconclusive,

    /// <summary>The model lost what it was to keep.</summary>
    Collapsed,

    /// <summary>It still tells the facts when asked.</summary>
    NotForgotten,

    /// <summary>It keeps the facts and does not show them: a test brings them back.</summary>
    Suppressed,

    /// <summary>No test told it from a model that never saw the facts.</summary>
    RemovalConsistent,

    /// <summary>The facts are gone so thoroughly that their absence shows.</summary>
    Overshoot,

    /// <summary>Between suppressed and removed.</summary>
    Mixed,
}
