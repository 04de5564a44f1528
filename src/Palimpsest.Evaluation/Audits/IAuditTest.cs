namespace Palimpsest.Evaluation;

/// <summary>One test of an audit. It says what it needs, what it costs, what it found, and brings its own part of the
/// report.</summary>
/// <remarks>A test holds settings and no results: one object serves every candidate of an <see cref="Auditor"/>, which
/// then measures the original and the retrained model once.</remarks>
public interface IAuditTest
{
    /// <summary>The name in reports, for example <c>relearning</c>.</summary>
    string Name { get; }

    /// <summary>Which question it answers.</summary>
    AuditAxis Axis { get; }

    /// <summary>What it has to see of the models.</summary>
    ModelAccess Access { get; }

    /// <summary>What it is set to beyond what the audit's options say, in one line; for plans.</summary>
    string Settings => "";

    /// <summary>About how much work it is.</summary>
    AuditCost CostOf(AuditContext context);

    /// <summary>Why it cannot be made here, in one sentence without its full stop; null when it can. Asked before any
    /// work.</summary>
    /// <exception cref="InputException">A fact or row is malformed.</exception>
    string? WhyNot(AuditContext context);

    /// <summary>Makes the test.</summary>
    /// <param name="context">Models, facts, and what other tests have measured.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken);
}
