namespace Palimpsest.Models;

/// <summary>Some outputs of a coded weight.</summary>
/// <param name="First">The first.</param>
/// <param name="End">The first after the last.</param>
/// <param name="Order">The stored row of each output; null where they are in one order.</param>
internal readonly record struct CodeSpan(long First, long End, int[]? Order = null);
