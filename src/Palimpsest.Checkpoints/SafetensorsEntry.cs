namespace Palimpsest.Checkpoints;

/// <summary>One tensor of a safetensors header; offsets count from the end of the header.</summary>
internal sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Start, long End);
