namespace Palimpsest.Reproductions;

/// <summary>What was measured for one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Values">Every value.</param>
public sealed record SeedValues(ulong Seed, IReadOnlyList<Measurement> Values)
{
    /// <summary>The value of an arm.</summary>
    /// <exception cref="KeyNotFoundException">It was not measured; the message lists what was.</exception>
    public double this[string arm, string quantity] =>
        Values.FirstOrDefault(value => value.Arm == arm && value.Quantity == quantity)?.Value
        ?? throw new KeyNotFoundException(
            $"Seed {Seed} has no '{quantity}' of '{arm}'; there are: "
                + $"{string.Join(", ", Values.Select(value => $"{value.Quantity} of {value.Arm}"))}."
        );
}
