using System.Globalization;

namespace Palimpsest.Benchmarks;

/// <summary>A bound on a ratio.</summary>
internal sealed record Goal(double Bound, bool AtLeast)
{
    public bool Met(double ratio) => AtLeast ? ratio >= Bound : ratio <= Bound;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(AtLeast ? ">=" : "<=")} {Bound:0.##}");
}
