namespace Palimpsest.Checkpoints;

/// <summary>How far weights of a second model are from those of a first.</summary>
/// <param name="Count">Numbers that were compared.</param>
/// <param name="RelativeNorm">‖A − B‖ / ‖A‖; 0 where nothing changed, infinite where A is zero.</param>
/// <param name="MaxAbsolute">max |A − B|.</param>
/// <param name="Cosine">⟨A, B⟩ / (‖A‖ ‖B‖); 1 where both are zero, 0 where one is.</param>
public sealed record WeightDifference(
    long Count,
    [property: WhenMissing("the first model's weights are all 0")] double RelativeNorm,
    double MaxAbsolute,
    double Cosine
);
