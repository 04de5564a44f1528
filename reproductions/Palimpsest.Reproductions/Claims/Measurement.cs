namespace Palimpsest.Reproductions;

/// <summary>One measured number.</summary>
/// <param name="Arm">What was measured: the system, its baseline, or a reference.</param>
/// <param name="Quantity">Which quantity, with its unit.</param>
/// <param name="Value">The value; NaN where the arm never came to what is measured.</param>
public sealed record Measurement(
    string Arm,
    string Quantity,
    [property: WhenMissing("the arm never came to it")] double Value
);
