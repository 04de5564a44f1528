namespace Palimpsest.Models;

/// <summary>What a row goes on from: token ids, or embeddings in their place.</summary>
public sealed class Prompt
{
    /// <summary>A prompt of token ids.</summary>
    /// <param name="ids">Ids, at least one for decoding.</param>
    public Prompt(int[] ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        (Ids, Length) = (ids, ids.Length);
    }

    /// <summary>A prompt of input embeddings.</summary>
    /// <param name="embeddings">[T, D] float32, where the model's are; they stay the caller's.</param>
    /// <exception cref="ArgumentException">The embeddings are not [T, D].</exception>
    public Prompt(Tensor embeddings)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.shape.Length != 2)
            throw new ArgumentException(
                $"The embeddings are [{string.Join(", ", embeddings.shape)}]; allowed is [T, D].",
                nameof(embeddings)
            );
        (Ids, Embeddings, Length) = ([], embeddings, (int)embeddings.shape[0]);
    }

    /// <summary>Token ids; empty for a prompt of embeddings.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>Embeddings [T, D], or null.</summary>
    public Tensor? Embeddings { get; }

    /// <summary>Tokens.</summary>
    public int Length { get; }

    /// <summary>
    /// What the caller says of the prompt to taps and deltas: 0 for nothing, any other number for a prompt that a guard
    /// has flagged; draws that are made for it depend on the number.
    /// </summary>
    public long Flag { get; init; }
}
