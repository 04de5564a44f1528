namespace Palimpsest.Evaluation;

/// <summary>What an attack found, beside what the model says without one.</summary>
/// <param name="Before">Each forgotten fact's own question, put to every model before any attack.</param>
/// <param name="Found">What the attack found.</param>
/// <param name="FoundSomething">Whether its recovery exceeds the least that counts; false when it was not
/// made.</param>
public sealed record AttackResult(AuditFinding Before, AuditFinding Found, bool FoundSomething);
