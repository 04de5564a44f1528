namespace Palimpsest.Tokenizers;

/// <summary>Writes the rewritten pieces of a <see cref="PieceText"/>, with sources only where those are kept.</summary>
internal sealed class PieceWriter(PieceText from, int capacity)
{
    private readonly string _text = from.Text;
    private readonly int[]? _source = from.Source;
    private char[] _written = new char[Math.Max(16, capacity)];
    private int[]? _writtenSource = from.Source is null ? null : new int[Math.Max(16, capacity)];

    /// <summary>UTF-16 units written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a character that came from a unit of the old text.</summary>
    public void Write(char character, int unit)
    {
        if (Length == _written.Length)
            Grow(Length + 1);
        _written[Length] = character;
        if (_writtenSource is not null)
            _writtenSource[Length] = _source![unit];
        Length++;
    }

    /// <summary>Writes units of the old text as they are.</summary>
    public void Copy(int start, int length)
    {
        if (Length + length > _written.Length)
            Grow(Length + length);
        _text.AsSpan(start, length).CopyTo(_written.AsSpan(Length));
        if (_writtenSource is not null)
            _source.AsSpan(start, length).CopyTo(_writtenSource.AsSpan(Length));
        Length += length;
    }

    /// <summary>The new text and its sources.</summary>
    public (string Text, int[]? Source) Finish() =>
        (new string(_written, 0, Length), _writtenSource?.AsSpan(0, Length).ToArray());

    private void Grow(int atLeast)
    {
        var size = Math.Max(atLeast, _written.Length * 2);
        Array.Resize(ref _written, size);
        if (_writtenSource is not null)
            Array.Resize(ref _writtenSource, size);
    }
}
