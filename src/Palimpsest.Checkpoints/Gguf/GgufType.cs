namespace Palimpsest.Checkpoints;

/// <summary>How a GGUF tensor's values are stored; the numbers are the file's own.</summary>
public enum GgufType
{
    /// <summary>float32.</summary>
    F32 = 0,

    /// <summary>float16.</summary>
    F16 = 1,

    /// <summary>Blocks of 32: a float16 scale, 4 bits a value, symmetric.</summary>
    Q4_0 = 2,

    /// <summary>Blocks of 32: a float16 scale and minimum, 4 bits a value.</summary>
    Q4_1 = 3,

    /// <summary>Blocks of 32: a float16 scale, 5 bits a value, symmetric.</summary>
    Q5_0 = 6,

    /// <summary>Blocks of 32: a float16 scale and minimum, 5 bits a value.</summary>
    Q5_1 = 7,

    /// <summary>Blocks of 32: a float16 scale, 8 bits a value.</summary>
    Q8_0 = 8,

    /// <summary>Blocks of 256: 2 bits a value, 4-bit scales and minima of 16 values each.</summary>
    Q2_K = 10,

    /// <summary>Blocks of 256: 3 bits a value, 6-bit scales of 16 values each.</summary>
    Q3_K = 11,

    /// <summary>Blocks of 256: 4 bits a value, 6-bit scales and minima of 32 values each.</summary>
    Q4_K = 12,

    /// <summary>Blocks of 256: 5 bits a value, 6-bit scales and minima of 32 values each.</summary>
    Q5_K = 13,

    /// <summary>Blocks of 256: 6 bits a value, 8-bit scales of 16 values each.</summary>
    Q6_K = 14,

    /// <summary>Blocks of 32: a float16 scale, 4-bit places in a table of 16 values.</summary>
    IQ4_NL = 20,

    /// <summary>Blocks of 256: 4-bit places in the table of <see cref="IQ4_NL"/>, 6-bit scales of 32 values
    /// each.</summary>
    IQ4_XS = 23,

    /// <summary>bfloat16.</summary>
    BF16 = 30,

    /// <summary>Blocks of 256 of −1, 0 and 1, five to a byte.</summary>
    TQ1_0 = 34,

    /// <summary>Blocks of 256 of −1, 0 and 1, four to a byte.</summary>
    TQ2_0 = 35,

    /// <summary>Blocks of 32 of 4-bit floats with a power of two as scale.</summary>
    MXFP4 = 39,

    /// <summary>Blocks of 64 of 4-bit floats with an 8-bit float as scale of 16 values each.</summary>
    NVFP4 = 40,
}
