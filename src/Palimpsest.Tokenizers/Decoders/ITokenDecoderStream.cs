namespace Palimpsest.Tokenizers;

/// <summary>A decoder that is told one token after another and gives what no later token can change.</summary>
internal interface ITokenDecoderStream
{
    /// <summary>Takes a token, or the next part of the only one, and adds what is certain now.</summary>
    void Add(string token, List<string> output);

    /// <summary>Adds what was held back.</summary>
    void End(List<string> output);
}
