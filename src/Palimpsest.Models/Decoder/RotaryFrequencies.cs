namespace Palimpsest.Models;

/// <summary>Angles per position of the rotated pairs, and the factor on cosines and sines.</summary>
internal static class RotaryFrequencies
{
    /// <summary>Frequencies [R/2] in float32 and the attention factor for sequences of <paramref name="length"/>
    /// tokens.</summary>
    public static (float[] Frequencies, double Scale) Compute(DecoderConfig config, int size, int length)
    {
        var (frequencies, scale) = Exact(config, size, length);
        return (config.RoundsRotaryFrequencies ? [.. frequencies.Select(Rounded)] : frequencies, scale);
    }

    private static float Rounded(float value) =>
        BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + 0x8000) & 0xFFFF0000);

    private static (float[] Frequencies, double Scale) Exact(DecoderConfig config, int size, int length)
    {
        var scaling = config.RopeScaling;
        return scaling?.Kind switch
        {
            null => (Plain(config.RopeTheta, size), 1),
            RopeScalingKind.Linear => (Divide(Plain(config.RopeTheta, size), scaling.Factor), 1),
            RopeScalingKind.Dynamic => (Dynamic(config, scaling, size, length), 1),
            RopeScalingKind.Llama3 => (Llama3(config, scaling, size), 1),
            RopeScalingKind.Yarn => Yarn(config, scaling, size),
            RopeScalingKind.LongRope => LongRope(config, scaling, size, length),
            _ => throw new ArgumentOutOfRangeException(nameof(config), scaling.Kind, "Unknown rotary scaling."),
        };
    }

    private static float[] Plain(double theta, int size) =>
        [.. Enumerable.Range(0, size / 2).Select(i => (float)(1 / Math.Pow(theta, 2.0 * i / size)))];

    private static float[] Divide(float[] frequencies, double factor) =>
        [.. frequencies.Select(f => (float)(f / factor))];

    private static float[] Dynamic(DecoderConfig config, RopeScaling scaling, int size, int length)
    {
        var longest = Math.Max(length, config.MaxPositions);
        var growth = scaling.Factor * longest / config.MaxPositions - (scaling.Factor - 1);
        return Plain(config.RopeTheta * Math.Pow(growth, size / (size - 2.0)), size);
    }

    private static float[] Llama3(DecoderConfig config, RopeScaling scaling, int size)
    {
        double original = scaling.OriginalMaxPositions ?? config.MaxPositions;
        var (low, high) = (scaling.LowFrequencyFactor, scaling.HighFrequencyFactor);
        return [.. Plain(config.RopeTheta, size).Select(f => (float)Scale(f))];

        double Scale(double frequency)
        {
            var wavelength = 2 * Math.PI / frequency;
            if (wavelength < original / high)
                return frequency;
            if (wavelength > original / low)
                return frequency / scaling.Factor;
            var smooth = (original / wavelength - low) / (high - low);
            return (1 - smooth) * frequency / scaling.Factor + smooth * frequency;
        }
    }

    private static (float[] Frequencies, double Scale) Yarn(DecoderConfig config, RopeScaling scaling, int size)
    {
        double original = scaling.OriginalMaxPositions ?? config.MaxPositions;
        var (low, high) = (Dimension(scaling.BetaFast), Dimension(scaling.BetaSlow));
        if (scaling.Truncate)
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, size - 1));
        if (low == high)
            high += 0.001;
        var plain = Plain(config.RopeTheta, size);
        var frequencies = plain.Select(
            (f, i) =>
            {
                var interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
                return (float)(f / scaling.Factor * interpolated + f * (1 - interpolated));
            }
        );
        return ([.. frequencies], scaling.AttentionFactor ?? AttentionFactor());

        double Dimension(double rotations) =>
            size * Math.Log(original / (rotations * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta));

        double AttentionFactor() =>
            scaling is { MScale: { } above, MScaleAllDimensions: { } below }
                ? Magnitude(above) / Magnitude(below)
                : Magnitude(1);

        double Magnitude(double scale) => scaling.Factor <= 1 ? 1 : 0.1 * scale * Math.Log(scaling.Factor) + 1;
    }

    private static (float[] Frequencies, double Scale) LongRope(
        DecoderConfig config,
        RopeScaling scaling,
        int size,
        int length
    )
    {
        var original = scaling.OriginalMaxPositions ?? config.MaxPositions;
        var factors = length > original ? scaling.LongFactors : scaling.ShortFactors;
        var frequencies = Enumerable
            .Range(0, size / 2)
            .Select(i => (float)(1 / (factors[i] * Math.Pow(config.RopeTheta, 2.0 * i / size))));
        var factor = scaling.OriginalMaxPositions is { } o ? (double)config.MaxPositions / o : scaling.Factor;
        var scale = factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original));
        return ([.. frequencies], scaling.AttentionFactor ?? scale);
    }
}
