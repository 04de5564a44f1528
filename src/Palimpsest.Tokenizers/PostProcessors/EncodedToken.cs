namespace Palimpsest.Tokenizers;

/// <summary>A token of a whole text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">First scalar of the original text; 0 when nobody asked.</param>
/// <param name="End">One past the last.</param>
/// <param name="Surface">Text to show in place of the vocabulary's, or null.</param>
internal readonly record struct EncodedToken(int Id, int Start, int End, string? Surface = null);
