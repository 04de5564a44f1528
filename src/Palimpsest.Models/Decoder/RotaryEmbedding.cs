namespace Palimpsest.Models;

/// <summary>Rotates pairs of a head's dimensions by an angle that grows with the position. Su et al. 2021,
/// arXiv:2104.09864.</summary>
/// <remarks>Tables of cosines and sines are kept and grow on demand; safe for several threads.</remarks>
internal sealed class RotaryEmbedding(DecoderConfig config, Device device) : IDisposable
{
    private readonly int _size = config.RotarySize > 0 ? config.RotarySize : config.HeadSize;
    private readonly Lock _lock = new();
    private Tensor? _cos;
    private Tensor? _sin;
    private int _rows;
    private int _variant = -1;

    /// <summary>True when the angles of a token depend on the length of the whole sequence.</summary>
    public bool DependsOnLength { get; } =
        config.RopeScaling?.Kind is RopeScalingKind.Dynamic or RopeScalingKind.LongRope;

    /// <summary>Sequences of equal variants have equal angles.</summary>
    public int Variant(int length) =>
        config.RopeScaling switch
        {
            { Kind: RopeScalingKind.Dynamic } => Math.Max(length, config.MaxPositions),
            { Kind: RopeScalingKind.LongRope } scaling => length > (scaling.OriginalMaxPositions ?? config.MaxPositions)
                ? 1
                : 0,
            _ => 0,
        };

    /// <summary>Tables for the tokens from <paramref name="start"/> on: [T, 1, R] each.</summary>
    /// <param name="start">First position.</param>
    /// <param name="count">T.</param>
    /// <param name="length">Tokens of the whole sequence.</param>
    public RotaryTables At(int start, int count, int length)
    {
        lock (_lock)
        {
            Prepare(start + count, length);
            return new(_cos!.narrow(0, start, count), _sin!.narrow(0, start, count), _size);
        }
    }

    /// <summary>Tables for given positions [B, T] int64, all below <paramref name="length"/>: [B, T, 1, R]
    /// each.</summary>
    public RotaryTables At(Tensor positions, int length)
    {
        lock (_lock)
        {
            Prepare(length, length);
            var flat = positions.reshape(-1);
            var (batch, count) = (positions.shape[0], positions.shape[1]);
            return new(
                _cos!.index_select(0, flat).view(batch, count, 1, _size),
                _sin!.index_select(0, flat).view(batch, count, 1, _size),
                _size
            )
            {
                ByRow = true,
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }

    private void Prepare(int rows, int length)
    {
        var variant = Variant(length);
        if (rows <= _rows && variant == _variant)
            return;
        rows = Math.Max(rows, Math.Max(_rows, Math.Min(config.LongestSequence, 1024)));
        var (frequencies, scale) = RotaryFrequencies.Compute(config, _size, length);
        var cos = new float[rows * _size];
        var sin = new float[rows * _size];
        var half = _size / 2;
        for (var position = 0; position < rows; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var angle = (double)(position * frequencies[i]);
                var at = position * _size + i;
                cos[at] = cos[at + half] = (float)(Math.Cos(angle) * scale);
                sin[at + half] = (float)(Math.Sin(angle) * scale);
                sin[at] = -sin[at + half];
            }
        }

        Dispose();
        _cos = tensor(cos, [rows, 1, _size], device: device).DetachFromDisposeScope();
        _sin = tensor(sin, [rows, 1, _size], device: device).DetachFromDisposeScope();
        (_rows, _variant) = (rows, variant);
    }
}
