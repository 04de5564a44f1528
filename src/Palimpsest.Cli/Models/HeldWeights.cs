using Palimpsest.Inference;

namespace Palimpsest.Cli;

/// <summary>How a model's weights are held in memory.</summary>
internal static class HeldWeights
{
    /// <summary>The settings of <c>int8</c>, <c>int4</c>, <c>nf4</c> or <c>stored</c>; null for <c>dense</c>.</summary>
    /// <exception cref="InputException">The name is another, or codes are asked for on another device than the
    /// CPU.</exception>
    public static QuantizeOptions? Of(string name, Device device)
    {
        QuantizeOptions? options = name.ToLowerInvariant() switch
        {
            "dense" => null,
            "int8" => new() { Bits = 8 },
            "int4" => new() { Bits = 4 },
            "nf4" => new() { Format = QuantizedFormat.Nf4 },
            "stored" => new() { Format = QuantizedFormat.Stored },
            _ => throw new InputException($"--weights: '{name}' is not one of dense, int8, int4, nf4, stored."),
        };
        return options is null || device.type == DeviceType.CPU
            ? options
            : throw new InputException(
                $"--weights {name}: computes on the cpu alone; leave out --device "
                    + $"{device.type.ToString().ToLowerInvariant()}."
            );
    }
}
