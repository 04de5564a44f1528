namespace Palimpsest.Checkpoints;

/// <summary>One weight file.</summary>
/// <param name="File">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Tensors">The tensors in it.</param>
public sealed record ShardInfo(string File, long Bytes, int Tensors);
