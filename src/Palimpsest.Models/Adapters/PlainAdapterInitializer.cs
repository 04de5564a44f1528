namespace Palimpsest.Models;

/// <summary>A uniform in ±1/√In, B zero: the adapter begins as no change.</summary>
public sealed class PlainAdapterInitializer : IAdapterInitializer
{
    /// <summary>The one instance.</summary>
    public static PlainAdapterInitializer Instance { get; } = new();

    /// <inheritdoc/>
    public string Description => "plain";

    /// <inheritdoc/>
    public bool ChangesBase => false;

    /// <inheritdoc/>
    public (Tensor Down, Tensor Up) Start(ProjectionRef target, int rank, double scale, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(random);
        var (rows, width) = (target.RowCount, target.Projection.InFeatures);
        var bound = 1 / Math.Sqrt(width);
        var values = new float[rank * width];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((random.Unit() * 2 - 1) * bound);
        return (tensor(values, [rank, width]), zeros([rows, rank]));
    }
}
