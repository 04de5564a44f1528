namespace Palimpsest.Evaluation;

/// <summary>Settings of a perplexity measurement.</summary>
public sealed record PerplexityOptions
{
    /// <summary>Tokens per block, at least 2; blocks do not overlap and the first token of each is not
    /// predicted.</summary>
    public int BlockTokens
    {
        get;
        init => field = Require.AtLeast(value, 2);
    } = 512;

    /// <summary>Blocks read from the start of the text, at least 1; without it, every whole block.</summary>
    public int? MaxBlocks
    {
        get;
        init => field = value is { } blocks ? Require.AtLeast(blocks, 1) : null;
    }

    /// <summary>Blocks per forward pass, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4;
}
