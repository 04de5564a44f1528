using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>A sentence encoder as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>.</summary>
/// <remarks>Safe to use from many threads. Texts that are longer than the encoder's limit are cut.</remarks>
/// <param name="encoder">Makes the vectors; stays the caller's.</param>
public sealed class SentenceEmbeddingGenerator(SentenceEncoder encoder) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("palimpsest", null, encoder.Name, encoder.Dimensions);

    /// <inheritdoc/>
    /// <exception cref="InputException">Another model or another length is asked for.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        PooledEmbeddings.Check(options, encoder.Name, encoder.Dimensions);
        return Task.Run(
            () =>
                PooledEmbeddings.Of(
                    [.. values.Select(encoder.Tokenize)],
                    encoder.PadId,
                    encoder.Encode,
                    encoder.Encoder.Device,
                    encoder.Name,
                    cancellationToken
                ),
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata))
            return _metadata;
        if (serviceType.IsInstanceOfType(this))
            return this;
        return serviceType.IsInstanceOfType(encoder) ? encoder : null;
    }

    /// <inheritdoc/>
    public void Dispose() { }
}
