namespace Palimpsest.Models;

/// <summary>Ids or embeddings in, next logits out: all that decoding needs of a model.</summary>
/// <remarks>Safe for several threads: batches share weights and nothing else.</remarks>
public interface IStepModel
{
    /// <summary>Number of ids V.</summary>
    int VocabularySize { get; }

    /// <summary>Most tokens of a row, those of the answer included.</summary>
    int MaxTokens { get; }

    /// <summary>Where batches read and give tensors.</summary>
    Device Device { get; }

    /// <summary>False where what a token is to others depends on the length of the whole sequence: a prompt is then
    /// read in one pass, and rows cannot join a batch that has begun.</summary>
    bool ReadsInParts { get; }

    /// <summary>Begins a batch that has read nothing.</summary>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="capacity">Tokens per row that are expected, padding included, at least 1.</param>
    IStepBatch NewBatch(int rows, int capacity);

    /// <summary>Begins a batch whose cache holds what a policy lets it; no row joins it later.</summary>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="capacity">Tokens per row that are expected, padding included, at least 1.</param>
    /// <param name="policy">Decides what the cache holds; null holds everything.</param>
    /// <exception cref="InputException">The model is not one decoder with one cache, or none that the policy can
    /// serve.</exception>
    IStepBatch NewBatch(int rows, int capacity, IKvPolicy? policy) =>
        policy is null
            ? NewBatch(rows, capacity)
            : throw new InputException($"{policy.Id}: a model that is composed of several has no cache of its own.");
}
