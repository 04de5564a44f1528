namespace Palimpsest.Models;

/// <summary>What a root-mean-square norm needs beside its weight.</summary>
/// <param name="Width">D, the length of a row.</param>
/// <param name="Epsilon">ε, added to the mean square.</param>
/// <param name="Offset">Added to every weight: 1 where weights are stored as differences from 1.</param>
internal readonly record struct RmsNormSettings(long Width, float Epsilon, float Offset);
