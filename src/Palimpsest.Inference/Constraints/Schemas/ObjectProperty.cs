namespace Palimpsest.Inference;

/// <summary>A property that a schema names.</summary>
/// <param name="Key">The name as it is written between quotes, one character for each byte.</param>
/// <param name="Schema">What it is.</param>
/// <param name="IsRequired">Whether it must come.</param>
internal sealed record ObjectProperty(string Key, ValueSchema Schema, bool IsRequired);
