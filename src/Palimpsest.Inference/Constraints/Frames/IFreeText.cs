namespace Palimpsest.Inference;

/// <summary>A frame in which any characters can come, so that most of the vocabulary need not be looked at.</summary>
internal interface IFreeText
{
    /// <summary>Characters that can come now; 0 where not any can.</summary>
    int Room { get; }

    /// <summary>The most tokens that can be needed to its end after any characters.</summary>
    int Farthest { get; }

    /// <summary>True when one character is like another.</summary>
    bool IsBlind { get; }
}
