namespace Palimpsest.Models;

/// <summary>A token and where it came from.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">Its exact text in the vocabulary.</param>
/// <param name="Start">First Unicode scalar of the source text.</param>
/// <param name="End">One past the last.</param>
public readonly record struct TokenSpan(int Id, string Token, int Start, int End);
