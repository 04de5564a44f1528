namespace Palimpsest.Models;

/// <summary>Rows that are read step by step; a batch remembers what it has read.</summary>
/// <remarks>One call at a time. No gradient is recorded.</remarks>
public interface IStepBatch : IDisposable
{
    /// <summary>Rows B.</summary>
    int Rows { get; }

    /// <summary>Tokens read per row, padding included.</summary>
    int Length { get; }

    /// <summary>Reads T more tokens of every row.</summary>
    /// <returns>Logits float32: of the last token [B, V], or of all [B, T, V]; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or a row has more tokens than the model has
    /// positions.</exception>
    /// <exception cref="InputException">A token id outside the vocabulary, or embeddings where the model reads ids
    /// alone.</exception>
    Tensor Read(StepInput input);

    /// <summary>Keeps the rows at <paramref name="rows"/> in that order; the others leave.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No row is named, or one that does not exist.</exception>
    void Keep(ReadOnlySpan<long> rows);

    /// <summary>Takes the rows of another batch of the same model behind its own; the other is disposed.</summary>
    /// <exception cref="ArgumentException">The other batch is of another model.</exception>
    /// <exception cref="InvalidOperationException">A batch has read nothing, or the model does not
    /// <see cref="IStepModel.ReadsInParts"/>.</exception>
    void Join(IStepBatch other);
}
