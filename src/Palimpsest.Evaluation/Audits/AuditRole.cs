namespace Palimpsest.Evaluation;

/// <summary>Which of an audit's models is meant.</summary>
public enum AuditRole
{
    /// <summary>Before unlearning.</summary>
    Original,

    /// <summary>After unlearning.</summary>
    Candidate,

    /// <summary>Trained without the forget data.</summary>
    Retrained,
}
