namespace Palimpsest.Foundation;

/// <summary>What a user should be told although nothing failed: a line each, once in a process.</summary>
/// <remarks>A program subscribes and shows them where its own messages go; lines from before are given to it
/// then.</remarks>
public static class Notices
{
    private static readonly Lock Gate = new();
    private static readonly List<string> Said = [];
    private static Action<string>? s_listeners;

    /// <summary>Called with every line, those that were said before included.</summary>
    public static event Action<string> Raised
    {
        add
        {
            ArgumentNullException.ThrowIfNull(value);
            string[] before;
            lock (Gate)
            {
                s_listeners += value;
                before = [.. Said];
            }

            foreach (var line in before)
                value(line);
        }
        remove
        {
            lock (Gate)
                s_listeners -= value;
        }
    }

    /// <summary>Says a line, unless it was said before.</summary>
    public static void Say(string line)
    {
        ArgumentException.ThrowIfNullOrEmpty(line);
        Action<string>? listeners;
        lock (Gate)
        {
            if (Said.Contains(line))
                return;
            Said.Add(line);
            listeners = s_listeners;
        }

        listeners?.Invoke(line);
    }
}
