using System.Runtime.InteropServices;
using System.Text;

namespace Palimpsest.Inference;

/// <summary>The text of a growing answer: what can be shown already, and whether a stop text has come.</summary>
/// <remarks>
/// Special tokens are not shown, but a stop text may hold one: such stop texts are looked for in the text in which
/// special tokens are written out. Only the end of the text that may still become a stop text is looked at again, so
/// that a token costs the same however long the answer is.
/// </remarks>
internal sealed class AnswerText
{
    private readonly Tokenizer _tokenizer;
    private readonly string[] _plainStops;
    private readonly string[] _specialStops;
    private readonly TextStream _visible;
    private readonly TextStream? _written;
    private readonly List<int> _ids = [];
    private readonly StringBuilder _shown = new();
    private string _pending = "";
    private string _writtenTail = "";
    private int _writtenLength;

    /// <summary>Begins an answer.</summary>
    /// <param name="tokenizer">Decodes.</param>
    /// <param name="stops">Texts that end it; empty ones end nothing.</param>
    /// <param name="visible">How tokens become text; null for the tokenizer's own way.</param>
    public AnswerText(Tokenizer tokenizer, IReadOnlyList<string> stops, TextStream? visible = null)
    {
        _tokenizer = tokenizer;
        var special = tokenizer.SpecialTexts;
        var byKind = stops
            .Where(stop => stop.Length > 0)
            .ToLookup(stop => special.Any(text => stop.Contains(text, StringComparison.Ordinal)));
        (_plainStops, _specialStops) = ([.. byKind[false]], [.. byKind[true]]);
        _visible = visible ?? tokenizer.NewStream();
        _written = _specialStops.Length > 0 ? tokenizer.NewStream(skipSpecialTokens: false) : null;
    }

    /// <summary>True once a stop text has come.</summary>
    public bool Stopped { get; private set; }

    /// <summary>All that was shown.</summary>
    public string Shown => _shown.ToString();

    /// <summary>Takes a token and gives the text that is certain now and was not shown before.</summary>
    public string Add(int id)
    {
        _ids.Add(id);
        if (!_visible.IsIncremental)
            return AddToWhole();
        return Take(_visible.Add(id), _written?.Add(id) ?? "", ends: false);
    }

    /// <summary>What was held back and is certain now that no more tokens come; a stop text may be complete only
    /// now.</summary>
    public string End() => Stopped ? "" : Take(_visible.End(), _written?.End() ?? "", ends: true);

    private string Take(string visible, string written, bool ends)
    {
        _pending += visible;
        _writtenTail += written;
        _writtenLength += written.Length;
        var end = FirstStop(_pending, _plainStops);
        if (FirstStop(_writtenTail, _specialStops) is >= 0 and var found)
        {
            var text = VisibleBefore(_writtenLength - _writtenTail.Length + found);
            if (end < 0 || text.Length <= _shown.Length + end)
                (_pending, end) = (
                    text[Math.Min(text.Length, _shown.Length)..],
                    Math.Max(0, text.Length - _shown.Length)
                );
        }

        Stopped = end >= 0;
        var held = ends || Stopped ? 0 : Math.Min(_pending.Length, Held());
        return Show(Stopped ? end : _pending.Length - held);
    }

    private int Held()
    {
        var plain = _plainStops.Select(stop => TextOverlap.Length(_pending, stop)).DefaultIfEmpty().Max();
        var special = _specialStops.Select(stop => TextOverlap.Length(_writtenTail, stop)).DefaultIfEmpty().Max();
        _writtenTail = _writtenTail[^special..];
        return Math.Max(plain, special);
    }

    private string Show(int count)
    {
        var piece = _pending[..count];
        _pending = _pending[count..];
        _shown.Append(piece);
        return piece;
    }

    /// <summary>A decoder that is certain of nothing before its last token: the whole is decoded for the stop texts
    /// each time, and shown in the end.</summary>
    private string AddToWhole()
    {
        var ids = CollectionsMarshal.AsSpan(_ids);
        var end = FirstStop(_tokenizer.Decode(ids), _plainStops);
        var special = _written is null
            ? -1
            : FirstStop(_tokenizer.Decode(ids, skipSpecialTokens: false), _specialStops);
        if (end < 0 && special < 0)
        {
            _visible.Add(_ids[^1]);
            _written?.Add(_ids[^1]);
            return "";
        }

        var text = _tokenizer.Decode(ids);
        if (end >= 0)
            text = text[..end];
        if (special >= 0 && VisibleBefore(special) is { } before && before.Length < text.Length)
            text = before;
        (Stopped, _pending) = (true, text);
        return Show(text.Length);
    }

    /// <summary>What is to be shown of all that comes before a place in the text with special tokens.</summary>
    private string VisibleBefore(int place)
    {
        var ids = CollectionsMarshal.AsSpan(_ids);
        var (low, high) = (0, ids.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_tokenizer.Decode(ids[..(middle + 1)], skipSpecialTokens: false).Length > place)
                high = middle;
            else
                low = middle + 1;
        }

        var before = _tokenizer.Decode(ids[..low]);
        var start = _tokenizer.Decode(ids[..low], skipSpecialTokens: false).Length;
        return _tokenizer.IsSpecial(ids[low]) || place <= start
            ? before
            : before + _tokenizer.Decode(ids[..(low + 1)], skipSpecialTokens: false)[start..place];
    }

    private static int FirstStop(string text, string[] stops)
    {
        var first = -1;
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first))
                first = at;
        }

        return first;
    }
}
