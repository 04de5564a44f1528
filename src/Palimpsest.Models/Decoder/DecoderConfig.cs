namespace Palimpsest.Models;

/// <summary>Sizes and variants of a decoder, independent of how a family spells them.</summary>
public sealed record DecoderConfig
{
    /// <summary>Hugging Face's model_type, for example <c>llama</c>.</summary>
    public required string Family { get; init; }

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>D.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>H.</summary>
    public required int Heads { get; init; }

    /// <summary>Hkv; divides H.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Dh.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Most positions.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>True when the head is the embedding.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Beginning-of-sequence id, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>End-of-sequence ids.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Padding id, or null.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>A small Llama with a tied head: the shape of the built-in models.</summary>
    public static DecoderConfig TinyLlama(
        int vocabularySize, int hiddenSize = 128, int layers = 4, int heads = 4, int keyValueHeads = 2, int intermediateSize = 344, int maxPositions = 512) =>
        new()
        {
            Family = "llama",
            VocabularySize = vocabularySize,
            HiddenSize = hiddenSize,
            IntermediateSize = intermediateSize,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = hiddenSize / heads,
            MaxPositions = maxPositions,
            TiedHead = true,
            BosTokenId = 1,
            EosTokenIds = [2],
            PadTokenId = 0,
        };
}
