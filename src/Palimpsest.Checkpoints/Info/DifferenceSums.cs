namespace Palimpsest.Checkpoints;

/// <summary>Sums of which distances are made; those of a group are the sums of its members.</summary>
internal readonly record struct DifferenceSums(
    long Count,
    double First,
    double Second,
    double Product,
    double Difference,
    double MaxAbsolute
)
{
    private const long ChunkCount = 1 << 20;

    /// <summary>The sums of two float32 tensors of equal shape, in float64.</summary>
    public static DifferenceSums Of(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (first.flatten(), second.flatten());
        var sums = default(DifferenceSums);
        var total = a.shape[0];
        for (long start = 0; start < total; start += ChunkCount)
        {
            using var step = NewDisposeScope();
            var count = Math.Min(ChunkCount, total - start);
            var (x, y) = (
                a.narrow(0, start, count).to(ScalarType.Float64),
                b.narrow(0, start, count).to(ScalarType.Float64)
            );
            var difference = x - y;
            sums += new DifferenceSums(
                count,
                x.dot(x).item<double>(),
                y.dot(y).item<double>(),
                x.dot(y).item<double>(),
                difference.dot(difference).item<double>(),
                difference.abs().max().item<double>()
            );
        }

        return sums;
    }

    /// <summary>The sums of two groups.</summary>
    public static DifferenceSums operator +(DifferenceSums a, DifferenceSums b) =>
        new(
            a.Count + b.Count,
            a.First + b.First,
            a.Second + b.Second,
            a.Product + b.Product,
            a.Difference + b.Difference,
            Math.Max(a.MaxAbsolute, b.MaxAbsolute)
        );

    /// <summary>The distances.</summary>
    public WeightDifference ToDifference() =>
        new(Count, Difference == 0 ? 0 : Math.Sqrt(Difference / First), MaxAbsolute, Cosine());

    private double Cosine()
    {
        if (First != 0 && Second != 0)
            return Math.Clamp(Product / (Math.Sqrt(First) * Math.Sqrt(Second)), -1, 1);
        return First == Second ? 1 : 0;
    }
}
