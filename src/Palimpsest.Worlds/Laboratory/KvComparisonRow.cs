namespace Palimpsest.Worlds;

/// <summary>What one policy gave on one task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Policy">The policy; <c>full cache</c> for none.</param>
/// <param name="Expression">What it was, as after <c>--kv</c>; null for the full cache.</param>
/// <param name="AsksFirst">Whether the question was in the prompt that the policy cut down.</param>
/// <param name="Exact">Questions of which every token of the answer was right.</param>
/// <param name="Bytes">Physical bytes per prompt.</param>
/// <param name="BytesShare">Those bytes over the full cache's.</param>
/// <param name="PrefillTime">Seconds of reading the prompts over those of the full cache.</param>
/// <param name="DecodeTime">Seconds of the tokens after them over those of the full cache.</param>
public sealed record KvComparisonRow(
    string Task,
    string Policy,
    string? Expression,
    bool AsksFirst,
    Rate Exact,
    long Bytes,
    double BytesShare,
    double PrefillTime,
    double DecodeTime
);
