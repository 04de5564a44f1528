namespace Palimpsest.Inference;

/// <summary>Codes of groups of numbers along the last dimension, with a scale and a minimum per group.</summary>
/// <param name="Codes">Packed [..., M · bits / 8] uint8, the first code in the lowest bits.</param>
/// <param name="Scales">[..., M / group] float16 or float32.</param>
/// <param name="Minima">The same.</param>
internal sealed record PackedGroups(Tensor Codes, Tensor Scales, Tensor Minima)
{
    /// <summary>Encodes x [..., M]; the group divides M.</summary>
    public static PackedGroups Encode(Tensor x, int bits, int group, bool halfScales)
    {
        using var scope = NewDisposeScope();
        var most = (1 << bits) - 1;
        var type = halfScales ? ScalarType.Float16 : ScalarType.Float32;
        long[] lead = [.. x.shape[..^1]];
        var grouped = x.reshape([.. lead, x.shape[^1] / group, group]);
        var minima = grouped.amin(-1).to(type);
        var scales = ((grouped.amax(-1) - grouped.amin(-1)) / most).to(type);
        var divisor = scales.to(ScalarType.Float32);
        divisor = divisor.masked_fill(divisor == 0, 1); // all numbers of the group are the same
        var codes = ((grouped - minima.to(ScalarType.Float32).unsqueeze(-1)) / divisor.unsqueeze(-1))
            .clamp(0, most)
            .round()
            .to(ScalarType.Byte);
        return new(
            Pack(codes.reshape([.. lead, x.shape[^1]]), bits).MoveToOuterDisposeScope(),
            scales.MoveToOuterDisposeScope(),
            minima.MoveToOuterDisposeScope()
        );
    }

    /// <summary>The numbers [..., M] float32.</summary>
    public Tensor Decode(int bits, int group)
    {
        using var scope = NewDisposeScope();
        var codes = Unpack(Codes, bits).to(ScalarType.Float32);
        var shape = codes.shape;
        var grouped = codes.reshape([.. shape[..^1], shape[^1] / group, group]);
        var numbers =
            grouped * Scales.to(ScalarType.Float32).unsqueeze(-1) + Minima.to(ScalarType.Float32).unsqueeze(-1);
        return numbers.reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>Codes [..., M] uint8, one a byte.</summary>
    public static Tensor Unpack(Tensor packed, int bits)
    {
        if (bits == 8)
            return packed.alias();
        using var scope = NewDisposeScope();
        if (bits == 3)
        {
            var low = packed.shape[^1] / 3 * 2; // two bits of each code, then the third of each
            var high = Unpack(packed.narrow(-1, low, low / 2), 1).bitwise_left_shift(tensor((byte)2));
            return Unpack(packed.narrow(-1, 0, low), 2).bitwise_or(high).MoveToOuterDisposeScope();
        }

        var parts = Enumerable
            .Range(0, 8 / bits)
            .Select(place =>
                packed.bitwise_right_shift(tensor((byte)(place * bits))).bitwise_and(tensor((byte)((1 << bits) - 1)))
            );
        var codes = stack([.. parts], -1).flatten(-2);
        return codes.MoveToOuterDisposeScope();
    }

    private static Tensor Pack(Tensor codes, int bits)
    {
        if (bits == 8)
            return codes;
        if (bits == 3)
            return cat(
                [Pack(codes.bitwise_and(tensor((byte)3)), 2), Pack(codes.bitwise_right_shift(tensor((byte)2)), 1)],
                -1
            );
        var perByte = 8 / bits;
        var places = codes.reshape([.. codes.shape[..^1], codes.shape[^1] / perByte, perByte]);
        var packed = places.select(-1, 0).clone();
        for (var place = 1; place < perByte; place++)
            packed = packed.bitwise_or(places.select(-1, place).bitwise_left_shift(tensor((byte)(place * bits))));
        return packed;
    }
}
