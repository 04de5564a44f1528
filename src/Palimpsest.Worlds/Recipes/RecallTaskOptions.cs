namespace Palimpsest.Worlds;

/// <summary>Size of the task of recalling facts from the prompt, and of the model that learns it.</summary>
public sealed record RecallTaskOptions
{
    /// <summary>Words that facts are made of, in [12, 280]; at least three times <see cref="Facts"/>.</summary>
    public int Words
    {
        get;
        init => field = (int)Require.InRange(value, atLeast: 12, atMost: 280);
    } = 128;

    /// <summary>Most facts of a prompt, in [4, 64]; rows of training have from 2 to as many.</summary>
    public int Facts
    {
        get;
        init => field = (int)Require.InRange(value, atLeast: 4, atMost: 64);
    } = 32;

    /// <summary>Words of filler between that many facts, from 0; fewer facts have less in proportion.</summary>
    public int Filler
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 160;

    /// <summary>Most questions at the end of a row of training, at least 1; each is one to learn from.</summary>
    public int Questions
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 16;

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

    /// <summary>Steps of training, at least 1; no row is read twice.</summary>
    public int Steps
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 600;

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

    /// <summary>Seed of words, rows, weights and order.</summary>
    public ulong Seed { get; init; } = 1;
}
