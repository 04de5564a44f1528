namespace Palimpsest.Inference;

/// <summary>The text of a growing row: what can be shown already, and whether a stop text has come.</summary>
internal sealed class StoppedText(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private const char Incomplete = '\uFFFD';

    private readonly List<int> _ids = [];
    private int _shown;

    /// <summary>True once a stop text has come.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The text up to the first stop text.</summary>
    public static string Cut(string text, IReadOnlyList<string> stops)
    {
        var first = FirstStop(text, stops);
        return first < 0 ? text : text[..first];
    }

    /// <summary>Takes a token and gives the text that is certain now and was not shown before.</summary>
    public string Add(int id)
    {
        _ids.Add(id);
        var text = Text();
        var end = FirstStop(text, stops);
        Stopped = end >= 0;
        if (!Stopped)
            end = text.Length - Held(text);
        return Show(text, end);
    }

    /// <summary>What was held back and is certain now that no more tokens come.</summary>
    public string Rest() =>
        Stopped ? ""
        : Text() is var text ? Show(text, text.Length)
        : "";

    private string Text() => tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids));

    private string Show(string text, int end)
    {
        if (end <= _shown)
            return "";
        var piece = text[_shown..end];
        _shown = end;
        return piece;
    }

    private int Held(string text)
    {
        var broken = text.Length - text.TrimEnd(Incomplete).Length;
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                    longest = length;
            }
        }

        return Math.Max(broken, longest);
    }

    private static int FirstStop(string text, IReadOnlyList<string> stops)
    {
        var first = -1;
        foreach (var stop in stops)
        {
            if (
                stop.Length > 0
                && text.IndexOf(stop, StringComparison.Ordinal) is >= 0 and var at
                && (first < 0 || at < first)
            )
                first = at;
        }

        return first;
    }
}
