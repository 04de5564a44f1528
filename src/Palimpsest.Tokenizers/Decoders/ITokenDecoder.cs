namespace Palimpsest.Tokenizers;

/// <summary>Turns tokens back into pieces of text that are put together in the end.</summary>
internal interface ITokenDecoder
{
    /// <summary>True when the result is one piece, whatever came in.</summary>
    bool Fuses { get; }

    /// <summary>The pieces of text.</summary>
    List<string> Decode(List<string> tokens);

    /// <summary>The same, told one token after another; null when nothing is certain before the last.</summary>
    /// <param name="fused">Whether what comes are parts of one token, as after a decoder that fuses.</param>
    ITokenDecoderStream? Stream(bool fused);

    /// <summary>What a token that is not the first becomes, whatever stands beside it; null where that depends on its
    /// neighbours.</summary>
    TokenPart? Within(TokenPart part, bool fused);
}
