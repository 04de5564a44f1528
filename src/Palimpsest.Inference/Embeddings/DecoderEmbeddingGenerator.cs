using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Vectors from a language model's last hidden states, pooled over the text's tokens.</summary>
/// <remarks>Texts that are longer than the limit are cut.</remarks>
/// <param name="model">Reads the texts; stays the caller's.</param>
/// <param name="options">Pooling, length and normalization.</param>
public sealed class DecoderEmbeddingGenerator(LanguageModel model, DecoderEmbeddingOptions? options = null)
    : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly DecoderEmbeddingOptions _options = options ?? new();
    private readonly EmbeddingGeneratorMetadata _metadata = new(
        "palimpsest",
        null,
        model.Name,
        model.Decoder.Config.HiddenSize
    );

    /// <inheritdoc/>
    /// <exception cref="InputException">Another model or another length is asked for, or a text has no
    /// token.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        PooledEmbeddings.Check(options, model.Name, model.Decoder.Config.HiddenSize);
        return model.RunAsync(
            () =>
                PooledEmbeddings.Of(
                    [.. values.Select(Tokenize)],
                    model.PadId,
                    Pool,
                    model.Decoder.Device,
                    model.Name,
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
        return serviceType.IsInstanceOfType(model) ? model : null;
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private int[] Tokenize(string text, int row)
    {
        var ids = model.Tokenizer.Encode(text);
        if (ids.Length == 0)
            throw new InputException($"{model.Name}: text {row} has no token.");
        var most = Math.Min(_options.MaxTokens ?? int.MaxValue, model.Decoder.Config.LongestSequence);
        return ids.Length <= most ? ids : ids[..most];
    }

    private Tensor Pool(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var evaluation = model.Decoder.Evaluate();
        var output = model.Decoder.Forward(
            new()
            {
                TokenIds = batch.Ids,
                AttentionMask = batch.AttentionMask,
                Logits = LogitsFor.None,
            }
        );
        return Pooling
            .Apply(output.Hidden, batch.AttentionMask, _options.Pooling, _options.Normalize)
            .MoveToOuterDisposeScope();
    }
}
