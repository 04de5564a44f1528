namespace Palimpsest.Foundation;

/// <summary>Texts of one part of a request.</summary>
/// <param name="Name">Names the files that are written: forget, retain or holdout.</param>
/// <param name="Scope">The scope of its facts; null for a set whose facts are in no facts file: a holdout.</param>
/// <param name="Texts">Sentences or rows.</param>
public sealed record KnowledgeSet(string Name, FactScope? Scope, IReadOnlyList<SourceText> Texts);
