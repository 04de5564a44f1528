namespace Palimpsest.Models;

/// <summary>Tokens of a cache, by their places among those seen, padding included; the same in every row.</summary>
/// <param name="Start">The first, from 0.</param>
/// <param name="End">The one behind the last.</param>
public readonly record struct KvSpan(int Start, int End)
{
    /// <summary>Tokens.</summary>
    public int Length => End - Start;
}
