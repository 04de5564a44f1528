namespace Palimpsest.Inference;

/// <summary>What the codes of a quantised weight stand for.</summary>
public enum QuantizedFormat
{
    /// <summary>Whole steps: s · (q − z).</summary>
    Integer,

    /// <summary>Quantiles of a normal distribution, 4 bits. Dettmers et al. 2023, arXiv:2305.14314.</summary>
    Nf4,

    /// <summary>Floats with a sign, two exponent bits and one of mantissa, 4 bits, as bitsandbytes has them.</summary>
    Fp4,

    /// <summary>The codes that a GGUF file holds, as they are, embedding and head included; nothing is
    /// rounded.</summary>
    Stored,
}
