namespace Palimpsest.Evaluation;

/// <summary>Settings of the recall benchmark; replies are greedy.</summary>
public sealed record RecallOptions
{
    /// <summary>Most new tokens of a reply, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 48;

    /// <summary>Most questions decoded at once, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 64;
}
