namespace Palimpsest.Models;

/// <summary>What a forward pass gives.</summary>
/// <param name="Hidden">Hidden states after the final norm [B, T, D] float32.</param>
/// <param name="Logits">Logits [B, T, V], [B, 1, V] or null, as <see cref="ForwardInput.Logits"/> asked.</param>
/// <param name="Routers">One trace per mixture-of-experts layer; empty for dense models.</param>
public sealed record ForwardOutput(Tensor Hidden, Tensor? Logits, IReadOnlyList<RouterTrace> Routers);
