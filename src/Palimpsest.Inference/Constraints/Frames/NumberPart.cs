namespace Palimpsest.Inference;

/// <summary>What of a number has come last.</summary>
internal enum NumberPart
{
    /// <summary>The sign.</summary>
    Sign,

    /// <summary>A zero, which no digit follows.</summary>
    Zero,

    /// <summary>A digit before the point.</summary>
    Whole,

    /// <summary>The point.</summary>
    Point,

    /// <summary>A digit after the point.</summary>
    Fraction,

    /// <summary>The letter E.</summary>
    Letter,

    /// <summary>The sign of the exponent.</summary>
    ExponentSign,

    /// <summary>A digit of the exponent.</summary>
    Exponent,
}
