namespace Palimpsest.Inference;

/// <summary>What ended a row.</summary>
public enum GenerationEnd
{
    /// <summary>The most tokens that were asked for, or the last position of the model.</summary>
    Length,

    /// <summary>A token that ends answers, or a processor that knows the answer to be complete.</summary>
    EndToken,

    /// <summary>A stop text.</summary>
    StopText,
}
