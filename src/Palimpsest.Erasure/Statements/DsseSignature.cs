namespace Palimpsest.Erasure;

/// <summary>One signature of an envelope.</summary>
/// <param name="KeyId">Which key made it: the SHA-256 of its public key, see
/// <see cref="VerificationKey.Id"/>.</param>
/// <param name="Value">The signature in DER.</param>
public sealed record DsseSignature(string KeyId, ReadOnlyMemory<byte> Value);
