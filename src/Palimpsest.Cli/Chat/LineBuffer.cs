using System.Globalization;

namespace Palimpsest.Cli.Chat;

/// <summary>A line under the cursor, and the lines before it: what editing keys do, without a terminal.</summary>
internal sealed class LineBuffer
{
    private readonly List<string> _history = [];
    private string _draft = "";
    private int _shown;

    /// <summary>The line.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Index in <see cref="Text"/> before which the cursor stands.</summary>
    public int Cursor { get; private set; }

    /// <summary>Earlier lines, oldest first.</summary>
    public IReadOnlyList<string> History => _history;

    /// <summary>Begins a new line.</summary>
    public void Start()
    {
        (_draft, _shown) = ("", _history.Count);
        Replace("");
    }

    /// <summary>Ends the line and remembers it, unless it is empty or the one before it.</summary>
    public string Accept()
    {
        if (Text.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != Text))
            _history.Add(Text);
        return Text;
    }

    /// <summary>Puts text at the cursor.</summary>
    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Puts another text in the place of the line, the cursor at its end.</summary>
    public void Replace(string text) => (Text, Cursor) = (text, text.Length);

    /// <summary>Deletes from the cursor to another place.</summary>
    public void DeleteTo(int place)
    {
        var (start, end) = (Math.Min(place, Cursor), Math.Max(place, Cursor));
        (Text, Cursor) = (Text.Remove(start, end - start), start);
    }

    /// <summary>Moves the cursor.</summary>
    public void MoveTo(int place) => Cursor = Math.Clamp(place, 0, Text.Length);

    /// <summary>The place one character (as people count them) before the cursor.</summary>
    public int Left()
    {
        var starts = StringInfo.ParseCombiningCharacters(Text);
        return starts.LastOrDefault(start => start < Cursor);
    }

    /// <summary>The place one character after the cursor.</summary>
    public int Right() =>
        Cursor == Text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text.AsSpan(Cursor));

    /// <summary>The start of the word before the cursor.</summary>
    public int WordLeft()
    {
        var place = Cursor;
        while (place > 0 && char.IsWhiteSpace(Text[place - 1]))
            place--;
        while (place > 0 && !char.IsWhiteSpace(Text[place - 1]))
            place--;
        return place;
    }

    /// <summary>The end of the word after the cursor.</summary>
    public int WordRight()
    {
        var place = Cursor;
        while (place < Text.Length && char.IsWhiteSpace(Text[place]))
            place++;
        while (place < Text.Length && !char.IsWhiteSpace(Text[place]))
            place++;
        return place;
    }

    /// <summary>Shows the line before (−1) or after (+1); past the last one stands what was being typed.</summary>
    public void Browse(int step)
    {
        var next = _shown + step;
        if (next < 0 || next > _history.Count)
            return;
        if (_shown == _history.Count)
            _draft = Text;
        _shown = next;
        Replace(next == _history.Count ? _draft : _history[next]);
    }
}
