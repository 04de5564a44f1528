namespace Palimpsest.Cli.Verbs;

/// <summary>Size of a model that is made new.</summary>
public sealed record NewModelOptions
{
    /// <summary>Token ids of the tokenizer that is trained, at least 261.</summary>
    public int VocabularySize
    {
        get;
        init => field = Require.AtLeast(value, 261);
    } = 2048;

    /// <summary>Width of the hidden states, a multiple of twice the heads.</summary>
    public int HiddenSize
    {
        get;
        init => field = Require.AtLeast(value, 8);
    } = 256;

    /// <summary>Blocks, at least 1.</summary>
    public int Layers
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4;

    /// <summary>Attention heads, at least 1.</summary>
    public int Heads
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 8;

    /// <summary>Most tokens of a sequence, at least 8.</summary>
    public int MaxPositions
    {
        get;
        init => field = Require.AtLeast(value, 8);
    } = 512;

    /// <summary>Weights that the model will have at least.</summary>
    internal Int128 LeastWeights(int vocabulary) =>
        (Int128)vocabulary * HiddenSize + (Int128)Layers * 12 * HiddenSize * HiddenSize;
}
