using System.Text.Json;

namespace Palimpsest.Checkpoints;

/// <summary>How several models answer as one.</summary>
/// <param name="Composer">What makes one model's logits of all, for example <c>uld</c>.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Models">The folders, within the result's own, of the models that come after the base.</param>
public sealed record CompositionRecord(string Composer, JsonElement Settings, IReadOnlyList<string> Models);
