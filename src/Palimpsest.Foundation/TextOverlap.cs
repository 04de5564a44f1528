namespace Palimpsest.Foundation;

/// <summary>How much of a text that is still growing may turn out to begin another.</summary>
public static class TextOverlap
{
    /// <summary>Length of the longest end of <paramref name="text"/> that begins <paramref name="sought"/> without
    /// being all of it, in UTF-16 units.</summary>
    public static int Length(ReadOnlySpan<char> text, string sought)
    {
        ArgumentNullException.ThrowIfNull(sought);
        for (var length = Math.Min(sought.Length - 1, text.Length); length > 0; length--)
        {
            if (text.EndsWith(sought.AsSpan(0, length)))
                return length;
        }

        return 0;
    }
}
