namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="InfLlm"/>.</summary>
public sealed record InfLlmOptions
{
    /// <summary>Tokens before each that are read at their distances, at least 1.</summary>
    public int Local
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4096;

    /// <summary>First tokens that are always read, from 0.</summary>
    public int Initial
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 128;

    /// <summary>Tokens of a block, at least 1.</summary>
    public int Block
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 128;

    /// <summary>Blocks that a chunk reads, at least 1.</summary>
    public int Retrieved
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 16;

    /// <summary>Keys of a block whose mean stands for it, head by head, at least 1.</summary>
    public int Representatives
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4;

    /// <summary>Tokens that ask for blocks together, from 1 to <see cref="Local"/>.</summary>
    public int Chunk
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 512;

    /// <summary>Blocks that stay at hand, at least <see cref="Retrieved"/>.</summary>
    public int Cached
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Whether blocks stay at hand by the attention that they have had, not by when they were last
    /// read.</summary>
    public bool ByAttention { get; init; }

    /// <summary>What a block's attention is multiplied by at each chunk, in [0, 1].</summary>
    public double Decay
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.1;

    /// <summary>True to show tokens that are leaving the window to all queries of a chunk, to some of them twice, as
    /// the authors' code does.</summary>
    public bool SeesTwice { get; init; }

    /// <summary>A folder where blocks that are not at hand lie in files that end with the cache; none keeps them in
    /// memory.</summary>
    public string? Spill { get; init; }
}
