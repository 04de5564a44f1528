namespace Palimpsest.Foundation;

/// <summary>What one person asks to be forgotten.</summary>
/// <param name="Id">The request's own name, for example a case number.</param>
/// <param name="Rows">Its rows, at least one.</param>
public sealed record DeletionRequest(string Id, IReadOnlyList<QuestionAnswer> Rows);
