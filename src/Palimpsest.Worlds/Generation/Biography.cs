namespace Palimpsest.Worlds;

/// <summary>Several sentences about a person in running text.</summary>
/// <param name="Scope">The person's scope.</param>
/// <param name="Subject">The person.</param>
/// <param name="Text">The sentences; the person has the full name first and the first name afterwards.</param>
public sealed record Biography(FactScope Scope, string Subject, string Text);
