namespace Palimpsest.Models;

/// <summary>What an <see cref="ILogitProcessor"/> does to one row.</summary>
public interface IRowProcessor
{
    /// <summary>Changes the logits [V] in place; −∞ forbids a token.</summary>
    void Process(Span<float> logits);

    /// <summary>Is told the token that was chosen, after each call of <see cref="Process"/>; it may be one that ends
    /// the row.</summary>
    void Accept(int token);

    /// <summary>True once the answer is complete with the token that was accepted last: the row ends without an end
    /// token.</summary>
    bool IsComplete => false;
}
