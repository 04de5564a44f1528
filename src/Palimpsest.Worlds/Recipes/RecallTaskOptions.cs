namespace Palimpsest.Worlds;

/// <summary>Size of the task of recalling facts from the prompt, and of the model that learns it.</summary>
public sealed record RecallTaskOptions
{
    /// <summary>Names that facts are about, in [8, 250].</summary>
    public int Names
    {
        get;
        init => field = (int)Require.InRange(value, atLeast: 8, atMost: 250);
    } = 64;

    /// <summary>Most facts of a prompt, in [4, 64]; rows of training have from 4 to as many.</summary>
    public int Facts
    {
        get;
        init => field = (int)Require.InRange(value, atLeast: 4, atMost: 64);
    } = 32;

    /// <summary>Rows to learn from, at least 1.</summary>
    public int Rows
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 16000;

    /// <summary>Width of the hidden states; a multiple of 8.</summary>
    public int HiddenSize
    {
        get;
        init => field = Require.AtLeast(value, 8);
    } = 64;

    /// <summary>Blocks, at least 2: one to see what stood before a word, one to look for it.</summary>
    public int Layers
    {
        get;
        init => field = Require.AtLeast(value, 2);
    } = 2;

    /// <summary>Passes over the rows, at least 1.</summary>
    public int Epochs
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 3;

    /// <summary>Rows per step, at least 1.</summary>
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

    /// <summary>Seed of names, rows, weights and order.</summary>
    public ulong Seed { get; init; } = 1;
}
