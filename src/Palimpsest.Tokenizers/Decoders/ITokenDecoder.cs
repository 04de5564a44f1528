namespace Palimpsest.Tokenizers;

/// <summary>Turns tokens back into pieces of text that are put together in the end.</summary>
internal interface ITokenDecoder
{
    /// <summary>The pieces of text.</summary>
    List<string> Decode(List<string> tokens);
}
