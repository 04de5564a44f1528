namespace Palimpsest.Tokenizers;

/// <summary>A token that a model found in a piece.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">First UTF-16 unit within the piece.</param>
/// <param name="End">One past the last.</param>
internal readonly record struct ModelToken(int Id, int Start, int End);
