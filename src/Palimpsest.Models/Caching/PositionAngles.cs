namespace Palimpsest.Models;

/// <summary>The angles by which a model turns queries and keys of positions in the text, for policies.</summary>
/// <remarks>A model with learned positions has none: everything stays as it is.</remarks>
public sealed class PositionAngles : IDisposable
{
    private readonly DecoderConfig _config;
    private readonly RotaryEmbedding? _rotary;

    /// <summary>A model's angles.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="device">Where tensors live; the CPU by default.</param>
    public PositionAngles(DecoderConfig config, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_config, _rotary) = (config, config.LearnedPositions ? null : new RotaryEmbedding(config, device ?? CPU));
    }

    /// <summary>Turns x [B, heads, N, Dh] by the angles of positions [B or 1, N] int64.</summary>
    public Tensor Rotate(Tensor x, Tensor positions) =>
        Turn(x, positions, static (tables, turned, size) => tables.Rotate(turned, size));

    /// <summary>Takes the angles of positions [B or 1, N] int64 from x [B, heads, N, Dh].</summary>
    public Tensor TurnBack(Tensor x, Tensor positions) =>
        Turn(x, positions, static (tables, turned, size) => tables.TurnBack(turned, size));

    /// <summary>What x [B, heads, N, Dh] is on average over positions [B, P] int64 of each row.</summary>
    public Tensor RotateByMean(Tensor x, Tensor positions)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_rotary is null)
            return x.alias();
        using var scope = NewDisposeScope();
        var tables = At(positions);
        RotaryTables mean = new(tables.Cos.mean([1], keepdim: true), tables.Sin.mean([1], keepdim: true), tables.Size);
        return mean.Rotate(x.transpose(1, 2), _config.HeadSize).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _rotary?.Dispose();

    private Tensor Turn(Tensor x, Tensor positions, Func<RotaryTables, Tensor, int, Tensor> turn)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_rotary is null)
            return x.alias();
        using var scope = NewDisposeScope();
        return turn(At(positions), x.transpose(1, 2), _config.HeadSize).transpose(1, 2).MoveToOuterDisposeScope();
    }

    private RotaryTables At(Tensor positions) => _rotary!.At(positions, (int)positions.max().item<long>() + 1);
}
