namespace Palimpsest.Models;

/// <summary>A pass that a cache has read.</summary>
/// <param name="Count">Tokens per row.</param>
/// <param name="Phase">Where in a conversation it was.</param>
/// <param name="HidesPadding">As the input said.</param>
internal readonly record struct KvRecordedPass(int Count, KvPhase Phase, bool HidesPadding);
