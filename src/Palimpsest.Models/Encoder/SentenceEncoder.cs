namespace Palimpsest.Models;

/// <summary>A sentence-transformers model: tokenizer, encoder, pooling. Reimers and Gurevych 2019,
/// arXiv:1908.10084.</summary>
/// <remarks>Encoding needs no lock: weights are only read.</remarks>
public sealed class SentenceEncoder : IDisposable
{
    private readonly SentenceModules _modules;
    private readonly int[] _before;
    private readonly int[] _after;

    internal SentenceEncoder(
        BertEncoder encoder,
        Tokenizer tokenizer,
        SentenceModules modules,
        string name,
        int? maxTokens
    )
    {
        if (tokenizer.VocabularySize > encoder.Config.VocabularySize)
        {
            throw new InputException(
                $"{name}: the tokenizer has {tokenizer.VocabularySize} ids, the encoder "
                    + $"{encoder.Config.VocabularySize}; the tokenizer is of another model."
            );
        }

        (Encoder, Tokenizer, Name, _modules) = (encoder, tokenizer, name, modules);
        PadId = tokenizer.PadId ?? encoder.Config.PadTokenId;
        (_before, _after) = SpecialTokens(tokenizer);
        MaxTokens = Math.Min(maxTokens ?? modules.MaxTokens ?? int.MaxValue, encoder.Config.MaxPositions);
        if (MaxTokens <= _before.Length + _after.Length)
            throw new InputException(
                $"{name}: texts of {MaxTokens} tokens leave no room beside {_before.Length + _after.Length} special "
                    + $"tokens."
            );
    }

    /// <summary>The folder's name.</summary>
    public string Name { get; }

    /// <summary>The encoder.</summary>
    public BertEncoder Encoder { get; }

    /// <summary>Text to ids.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Most tokens of a text, special ones included; what is longer is cut.</summary>
    public int MaxTokens { get; }

    /// <summary>The id that fills up batches.</summary>
    public int PadId { get; }

    /// <summary>Length of a vector.</summary>
    public int Dimensions => Encoder.Config.HiddenSize;

    /// <summary>How hidden states become one vector.</summary>
    public PoolingMode Pooling => _modules.Pooling;

    /// <summary>Whether vectors have length 1.</summary>
    public bool Normalizes => _modules.Normalize;

    /// <summary>Ids of a text with special tokens, cut to <see cref="MaxTokens"/>.</summary>
    public int[] Tokenize(string text)
    {
        var ids = Tokenizer.Encode(text);
        return ids.Length <= MaxTokens ? ids : [.. ids[..(MaxTokens - _after.Length)], .. _after];
    }

    /// <summary>Vectors of a batch of texts.</summary>
    /// <param name="batch">Ids padded on the right.</param>
    /// <returns>[B, D] float32.</returns>
    public Tensor Encode(TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var hidden = Encoder.Forward(batch.Ids, batch.AttentionMask);
        return Models.Pooling.Apply(hidden, batch.AttentionMask, Pooling, Normalizes).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Encoder.Dispose();

    // What the post-processor puts around a text; the two stand side by side around an empty one.
    private static (int[] Before, int[] After) SpecialTokens(Tokenizer tokenizer)
    {
        var (with, without) = (tokenizer.Encode("a"), tokenizer.Encode("a", addSpecialTokens: false));
        for (var start = 0; start + without.Length <= with.Length; start++)
        {
            if (with.AsSpan(start, without.Length).SequenceEqual(without))
                return (with[..start], with[(start + without.Length)..]);
        }

        return ([], []);
    }
}
