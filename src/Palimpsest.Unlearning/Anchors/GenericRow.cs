namespace Palimpsest.Unlearning;

/// <summary>What a row is to say instead.</summary>
/// <param name="Positions">Token positions that have a label, rising; position t predicts token t + 1.</param>
/// <param name="Ids">k ids for each position, the likeliest first.</param>
/// <param name="Shares">Their shares, k for each position with sum 1.</param>
public sealed record GenericRow(IReadOnlyList<int> Positions, IReadOnlyList<int> Ids, IReadOnlyList<float> Shares);
