namespace Palimpsest.Worlds;

/// <summary>Size of a <see cref="CodeWorld"/>.</summary>
public sealed record CodeWorldOptions
{
    /// <summary>Functions whose keys are to be forgotten, at least 1.</summary>
    public int Forget
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 12;

    /// <summary>Functions whose keys are to stay, at least 1.</summary>
    public int Neighbours
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 48;

    /// <summary>Functions without a key, at least 1.</summary>
    public int Clean
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 40;

    /// <summary>Functions that no model sees, at least 1.</summary>
    public int Unseen
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 40;

    /// <summary>Characters of a key, at least 1; each is a token.</summary>
    public int KeyLength
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 8;

    /// <summary>Seed of names, lines and keys.</summary>
    public ulong Seed { get; init; } = 1;
}
