namespace Palimpsest.Worlds;

/// <summary>A context, a question about it, and the answer.</summary>
/// <param name="Context">Ids that are read at once; at least one.</param>
/// <param name="Question">Ids of the question; at least one.</param>
/// <param name="Answer">Ids of the only right answer; at least one.</param>
public sealed record KvQuestion(IReadOnlyList<int> Context, IReadOnlyList<int> Question, IReadOnlyList<int> Answer);
