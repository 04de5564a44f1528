namespace Palimpsest.Worlds;

/// <summary>The built-in model's size and training; part of the cache key.</summary>
public sealed record WorkbenchOptions
{
    /// <summary>Token ids, at least 261.</summary>
    public int VocabularySize
    {
        get;
        init => field = Require.AtLeast(value, 261);
    } = 1024;

    /// <summary>Width of the hidden states; a multiple of 8.</summary>
    public int HiddenSize
    {
        get;
        init => field = Require.AtLeast(value, 8);
    } = 128;

    /// <summary>Blocks, at least 1.</summary>
    public int Layers
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4;

    /// <summary>Passes over the training texts, at least 1.</summary>
    public int Epochs
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;

    /// <summary>Texts per step, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 3e-3;

    /// <summary>Seed of weights and order.</summary>
    public ulong Seed { get; init; } = 1;
}
