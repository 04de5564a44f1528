namespace Palimpsest.Tokenizers;

/// <summary>Adds special tokens and corrects spans after the model.</summary>
internal interface IPostProcessor
{
    /// <summary>The final tokens.</summary>
    /// <param name="tokens">What the model gave.</param>
    /// <param name="addSpecialTokens">Whether special tokens are wanted.</param>
    List<EncodedToken> Process(List<EncodedToken> tokens, bool addSpecialTokens);
}
