namespace Palimpsest.Worlds;

/// <summary>What a cache under a policy answered, weighed and took.</summary>
/// <param name="Exact">Questions of which every token of the answer was right.</param>
/// <param name="Bytes">Bytes per question when the prompt had been read and the policy had acted.</param>
/// <param name="PrefillSeconds">Seconds of reading the prompts, the policy's work included.</param>
/// <param name="DecodeSeconds">Seconds of the single tokens after them.</param>
public sealed record KvScore(Rate Exact, KvBytes Bytes, double PrefillSeconds, double DecodeSeconds);
