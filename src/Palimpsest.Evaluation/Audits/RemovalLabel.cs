namespace Palimpsest.Evaluation;

/// <summary>What the evidence says of a model that was made to forget.</summary>
public enum RemovalLabel
{
    /// <summary>The intervals allow more than one label.</summary>
    Inconclusive,

    /// <summary>The model lost what it was to keep.</summary>
    Collapsed,

    /// <summary>It says the facts when it is asked.</summary>
    NotForgotten,

    /// <summary>It does not say the facts and still holds them: a test gets them out.</summary>
    Suppressed,

    /// <summary>No test told it from a model that never saw the facts.</summary>
    RemovalConsistent,

    /// <summary>The facts are gone so thoroughly that their absence shows.</summary>
    Overshoot,

    /// <summary>Between suppressed and removed.</summary>
    Mixed,
}
