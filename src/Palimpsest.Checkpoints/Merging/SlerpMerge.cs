namespace Palimpsest.Checkpoints;

/// <summary>
/// Spherical interpolation of each tensor: W = sin((1 − t)Ω)/sin Ω · A + sin(tΩ)/sin Ω · B, cos Ω = ⟨A, B⟩ / (‖A‖ ‖B‖).
/// Shoemake 1985.
/// </summary>
/// <remarks>Where |cos Ω| > 0.9995, or a tensor is zero, sin Ω says nothing and the rule is the linear one.</remarks>
/// <param name="t">t in [0, 1]: 0 gives A, 1 gives B.</param>
public sealed class SlerpMerge(double t = 0.5) : IWeightMerge
{
    private const double NearlyParallel = 0.9995;

    private readonly double _t = Require.InRange(t, atLeast: 0, atMost: 1, name: nameof(t));

    /// <inheritdoc/>
    public void Check(int models)
    {
        if (models != 2)
            throw new InputException($"slerp: {models} models are given; allowed are two.");
    }

    /// <inheritdoc/>
    public Tensor Merge(IReadOnlyList<Tensor> weights)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (weights[0], weights[1]);
        var (first, second) = Shares(Product(a, b), Product(a, a), Product(b, b));
        return (first * a + second * b).MoveToOuterDisposeScope();
    }

    private (double First, double Second) Shares(double product, double first, double second)
    {
        var norms = Math.Sqrt(first) * Math.Sqrt(second);
        var cosine = norms == 0 ? 1 : product / norms;
        if (Math.Abs(cosine) > NearlyParallel)
            return (1 - _t, _t);
        var angle = Math.Acos(cosine);
        return (Math.Sin((1 - _t) * angle) / Math.Sin(angle), Math.Sin(_t * angle) / Math.Sin(angle));
    }

    private static double Product(Tensor a, Tensor b)
    {
        using var product = (a * b).sum(ScalarType.Float64);
        return product.item<double>();
    }
}
