namespace Palimpsest.Tokenizers;

/// <summary>A token and where it came from.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">Its text in the vocabulary; where a Unigram model knows no token, the text itself.</param>
/// <param name="Start">First Unicode scalar of the source text.</param>
/// <param name="End">One past the last.</param>
public readonly record struct TokenSpan(int Id, string Token, int Start, int End);
