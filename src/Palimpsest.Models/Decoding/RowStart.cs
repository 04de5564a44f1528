namespace Palimpsest.Models;

/// <summary>What a row begins with.</summary>
/// <param name="Prompt">The ids that it goes on from; empty for a prompt of embeddings.</param>
/// <param name="MostTokens">Most new tokens that it can get, at least 1.</param>
/// <param name="EndTokens">Ids that end it.</param>
public sealed record RowStart(IReadOnlyList<int> Prompt, int MostTokens, IReadOnlySet<int> EndTokens);
