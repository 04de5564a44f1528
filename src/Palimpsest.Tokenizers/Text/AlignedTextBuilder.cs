using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Collects characters and where they came from.</summary>
internal sealed class AlignedTextBuilder(int capacity)
{
    private readonly StringBuilder _text = new(capacity);
    private readonly List<int> _source = new(capacity);

    /// <summary>UTF-16 units so far.</summary>
    public int Length => _text.Length;

    /// <summary>Adds a scalar.</summary>
    public void Append(Rune rune, int source)
    {
        Span<char> units = stackalloc char[2];
        Append(units[..rune.EncodeToUtf16(units)], source);
    }

    /// <summary>Adds characters that share a source.</summary>
    public void Append(ReadOnlySpan<char> text, int source)
    {
        _text.Append(text);
        for (var i = 0; i < text.Length; i++)
            _source.Add(source);
    }

    /// <summary>Adds characters with their sources.</summary>
    public void Append(ReadOnlySpan<char> text, ReadOnlySpan<int> source)
    {
        _text.Append(text);
        _source.AddRange(source);
    }

    /// <summary>What was collected.</summary>
    public AlignedText ToText() => new(_text.ToString(), [.. _source]);
}
