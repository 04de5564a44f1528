namespace Palimpsest.Models;

/// <summary>Cosines and sines of some positions, [T, 1, R] or [B, T, 1, R]; the first half of the sines is
/// negated.</summary>
internal readonly record struct RotaryTables(Tensor Cos, Tensor Sin, int Size)
{
    /// <summary>True when each row of the batch has angles of its own.</summary>
    public bool ByRow { get; init; }

    /// <summary>Rotates the first R dimensions of x [B, T, heads, Dh].</summary>
    public Tensor Rotate(Tensor x, int headSize)
    {
        if (Size == headSize)
            return RotateAll(x);
        return cat([RotateAll(x.narrow(-1, 0, Size)), x.narrow(-1, Size, headSize - Size)], -1);
    }

    /// <summary>What <see cref="Rotate"/> was given, from what it gave.</summary>
    public Tensor TurnBack(Tensor x, int headSize)
    {
        var rotated = Size == headSize ? x : x.narrow(-1, 0, Size);
        var scale = Cos.square() + Sin.square(); // 1, or what a scaling multiplied cosines and sines by, squared
        var turned = (rotated * Cos - rotated.roll(Size / 2, -1) * Sin) / scale;
        return Size == headSize ? turned : cat([turned, x.narrow(-1, Size, headSize - Size)], -1);
    }

    private Tensor RotateAll(Tensor x) => (x * Cos).addcmul_(x.roll(Size / 2, -1), Sin, 1);
}
