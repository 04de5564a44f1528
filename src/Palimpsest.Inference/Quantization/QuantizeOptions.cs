namespace Palimpsest.Inference;

/// <summary>How a weight is quantised.</summary>
public sealed record QuantizeOptions
{
    /// <summary>What codes stand for.</summary>
    public QuantizedFormat Format { get; init; }

    /// <summary>Bits per weight, 2 to 8; the formats nf4 and fp4 have 4.</summary>
    public int Bits
    {
        get;
        init =>
            field = value is >= 2 and <= 8
                ? value
                : throw new ArgumentOutOfRangeException(nameof(Bits), value, "Bits must be >= 2 and <= 8.");
    } = 4;

    /// <summary>Weights of a row that share a scale, at least 2; a row's rest is a smaller group. 0: the whole row (per
    /// channel).</summary>
    public int GroupSize
    {
        get;
        init =>
            field = value is 0 or >= 2
                ? value
                : throw new ArgumentOutOfRangeException(nameof(GroupSize), value, "GroupSize must be 0 or >= 2.");
    } = 64;

    /// <summary>Whether zero is the middle code. False gives each group a zero of its own; integers alone can have
    /// that.</summary>
    public bool Symmetric { get; init; } = true;

    /// <summary>A short name, for example <c>int4-g64</c>.</summary>
    public string Name
    {
        get
        {
            if (Format == QuantizedFormat.Stored)
                return "stored";
            var codes = Format == QuantizedFormat.Integer ? $"int{Bits}" : Format.ToString().ToLowerInvariant();
            var groups = GroupSize == 0 ? "-row" : $"-g{GroupSize}";
            return codes + groups + (Symmetric ? "" : "-asymmetric");
        }
    }

    /// <summary>Refuses settings that do not go together.</summary>
    /// <exception cref="InputException">The format has other bits, or no zeros.</exception>
    internal void Check()
    {
        if (Format == QuantizedFormat.Stored)
            throw new InputException("Weights as they are stored are a GGUF file's; nothing is rounded to them.");
        if (Format != QuantizedFormat.Integer && Bits != 4)
            throw new InputException($"Format {Format} has 4 bits; {Bits} were asked for.");
        if (Format != QuantizedFormat.Integer && !Symmetric)
            throw new InputException($"Format {Format} is symmetric; only integers can have zeros of their own.");
    }
}
