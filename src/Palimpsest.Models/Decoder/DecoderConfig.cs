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

    /// <summary>The MLP's nonlinearity.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>True when the MLP multiplies by a gate: down(act(gate(x)) · up(x)).</summary>
    public bool GatedMlp { get; init; } = true;

    /// <summary>How hidden states are normalized.</summary>
    public NormKind Norm { get; init; } = NormKind.RootMeanSquare;

    /// <summary>ε of the norms.</summary>
    public double NormEpsilon
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 1e-6;

    /// <summary>Where a block normalizes.</summary>
    public NormPlacement NormPlacement { get; init; } = NormPlacement.Before;

    /// <summary>True when attention and MLP read the same residual and are added together.</summary>
    public bool ParallelBlock { get; init; }

    /// <summary>True when the MLP of a parallel block reads the attention's normalized input.</summary>
    public bool SharedBlockNorm { get; init; }

    /// <summary>Norms of queries and keys.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>Whether query, key and value projections have a bias.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the MLP's projections have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the head has a bias.</summary>
    public bool HeadBias { get; init; }

    /// <summary>True when the rows of the query-key-value weight are grouped by head (q, k, v of head 0, then of head
    /// 1).</summary>
    public bool QueryKeyValueByHead { get; init; }

    /// <summary>Bound on the absolute value of queries, keys and values, or null.</summary>
    public double? QueryKeyValueClip { get; init; }

    /// <summary>Factor of the attention scores; null for 1/√Dh.</summary>
    public double? AttentionScale { get; init; }

    /// <summary>True when layer l's scores are divided by l + 1 too.</summary>
    public bool AttentionScaleByLayer { get; init; }

    /// <summary>c of c · tanh(score / c), or null.</summary>
    public double? AttentionSoftCap { get; init; }

    /// <summary>c of c · tanh(logit / c), or null.</summary>
    public double? LogitSoftCap { get; init; }

    /// <summary>Factor of the token embeddings.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>True for a table of position embeddings in the place of rotation.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>Dimensions of a head that are rotated, even; 0 for all of them.</summary>
    public int RotarySize
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>θ of the rotary frequencies.</summary>
    public double RopeTheta
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = 10000;

    /// <summary>Scaled rotary frequencies, or null.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Tokens that a windowed layer sees, the current one included, or null.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>The layers that are windowed; null for all when <see cref="SlidingWindow"/> is set.</summary>
    public IReadOnlyList<int>? WindowedLayers { get; init; }

    /// <summary>Mixture-of-experts layers, or null for a dense model.</summary>
    public ExpertConfig? Experts { get; init; }

    /// <summary>True where rotary frequencies were rounded to bfloat16 together with the weights; no file says
    /// so.</summary>
    internal bool RoundsRotaryFrequencies { get; init; }

    /// <summary>Deviation of initial weights.</summary>
    public double InitializerRange
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 10);
    } = 0.02;

    /// <summary>The window of a layer, or null when it sees everything before it.</summary>
    public int? WindowOf(int layer) => WindowedLayers is null || WindowedLayers.Contains(layer) ? SlidingWindow : null;

    /// <summary>What a layer multiplies the products of queries and keys by.</summary>
    public double ScaleOf(int layer) =>
        (AttentionScale ?? 1 / Math.Sqrt(HeadSize)) / (AttentionScaleByLayer ? layer + 1 : 1);

    /// <summary>Longest sequence: the positions, times the factor where the rotary base grows with the
    /// length.</summary>
    public int LongestSequence =>
        RopeScaling is { Kind: RopeScalingKind.Dynamic } scaling
            ? (int)Math.Min(int.MaxValue, MaxPositions * scaling.Factor)
            : MaxPositions;

    /// <summary>A small Llama with a tied head: the shape of the built-in models.</summary>
    public static DecoderConfig TinyLlama(
        int vocabularySize,
        int hiddenSize = 128,
        int layers = 4,
        int heads = 4,
        int keyValueHeads = 2,
        int intermediateSize = 344,
        int maxPositions = 512
    ) =>
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
