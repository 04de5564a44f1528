namespace Palimpsest.Inference;

/// <summary>Names of properties that an object has beside those that its schema names.</summary>
/// <param name="Key">The last one, one character for each byte.</param>
/// <param name="Rest">Those before it.</param>
internal sealed record UsedKeys(string Key, UsedKeys? Rest)
{
    /// <summary>How many there are.</summary>
    public int Count { get; } = 1 + (Rest?.Count ?? 0);

    /// <summary>Whether a name is among them.</summary>
    public static bool Contains(UsedKeys? keys, string key)
    {
        for (; keys is not null; keys = keys.Rest)
        {
            if (keys.Key == key)
                return true;
        }

        return false;
    }
}
