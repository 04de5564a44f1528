namespace Palimpsest.Inference;

/// <summary>A stack of frames: all that is still to come of the text.</summary>
internal sealed class Cursor : IEquatable<Cursor>
{
    /// <summary>A number of tokens that stands for no end.</summary>
    public const int Endless = 1 << 28;

    private readonly int _hash;
    private int _shortest = -1;

    /// <summary>Puts a frame on a stack.</summary>
    public Cursor(Frame frame, Cursor? below)
    {
        (Frame, Below) = (frame, below);
        Depth = (below?.Depth ?? 0) + (frame.Nests ? 1 : 0);
        _hash = HashCode.Combine(frame, below?._hash ?? 0);
    }

    /// <summary>The top.</summary>
    public Frame Frame { get; }

    /// <summary>What is under the top; null at the end.</summary>
    public Cursor? Below { get; }

    /// <summary>Arrays and objects that are open.</summary>
    public int Depth { get; }

    /// <summary>The least number of tokens after which the text can end.</summary>
    public int Shortest
    {
        get
        {
            if (_shortest < 0)
                _shortest = Math.Min(Endless, Frame.Shortest + (Below?.Shortest ?? 0));
            return _shortest;
        }
    }

    /// <summary>True when the text can end here.</summary>
    public bool CanEnd => Frame.CanEnd && (Below is null || Below.CanEnd);

    /// <inheritdoc/>
    public bool Equals(Cursor? other)
    {
        var (a, b) = (this, other);
        while (!ReferenceEquals(a, b))
        {
            if (a is null || b is null || a._hash != b._hash || !a.Frame.Equals(b.Frame))
                return false;
            (a, b) = (a.Below, b.Below);
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Cursor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}
