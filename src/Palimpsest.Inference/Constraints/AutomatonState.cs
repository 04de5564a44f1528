namespace Palimpsest.Inference;

/// <summary>A state of the automaton: all ways in which the text so far can go on.</summary>
internal sealed class AutomatonState : IEquatable<AutomatonState>
{
    /// <summary>What no text leads out of.</summary>
    public static AutomatonState Dead { get; } = new([], false);

    private readonly int _hash;
    private readonly AutomatonState?[] _next = new AutomatonState?[256];

    /// <summary>Joins ways.</summary>
    public AutomatonState(Cursor[] threads, bool isDone)
    {
        (Threads, IsDone) = (threads, isDone);
        var hash = new HashCode();
        foreach (var thread in threads)
            hash.Add(thread);
        hash.Add(isDone);
        _hash = hash.ToHashCode();
        CanEnd = isDone || Array.Exists(threads, thread => thread.CanEnd);
        Shortest = Cursor.Endless;
        foreach (var thread in threads)
            Shortest = Math.Min(Shortest, thread.Shortest);
        if (CanEnd)
            Shortest = 0;
    }

    /// <summary>Ways that want more.</summary>
    public Cursor[] Threads { get; }

    /// <summary>True when one way is at its end.</summary>
    public bool IsDone { get; }

    /// <summary>True when the text can end here.</summary>
    public bool CanEnd { get; }

    /// <summary>The least number of tokens after which the text can end.</summary>
    public int Shortest { get; }

    /// <summary>The tokens that can come, once they were looked for.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>The state after a byte, once it was asked for.</summary>
    public ref AutomatonState? Next(byte value) => ref _next[value];

    /// <inheritdoc/>
    public bool Equals(AutomatonState? other) =>
        other is not null
        && other._hash == _hash
        && other.IsDone == IsDone
        && other.Threads.AsSpan().SequenceEqual(Threads);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AutomatonState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}
