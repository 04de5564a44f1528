namespace Palimpsest.Unlearning;

/// <summary>By what single weights are ranked: θ the weight, g_f and g_r the gradients of the forget and the retain
/// rows' NLL.</summary>
public enum WeightScore
{
    /// <summary>WAGLE's: |(θ − g_r / γ) · g_f|.</summary>
    Attribution,

    /// <summary>|θ · g_f|, as pruning at the start does (SNIP).</summary>
    Saliency,

    /// <summary>|g_f|.</summary>
    Gradient,

    /// <summary>|θ|.</summary>
    Magnitude,

    /// <summary>A draw from a seed.</summary>
    Random,
}
