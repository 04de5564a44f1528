namespace Palimpsest.Unlearning;

/// <summary>The f-divergence that gives FLAT its two functions g = g* and h = f*(g*(·)).</summary>
public enum FlatDivergence
{
    /// <summary>g = h = tanh(v)/2.</summary>
    TotalVariation,

    /// <summary>g = v, h = e^(v − 1).</summary>
    KullbackLeibler,

    /// <summary>g = ln 2 − ln(1 + e^−v), h = v + ln(1 + e^−v) − ln 2.</summary>
    JensenShannon,

    /// <summary>g = v, h = v²/4 + v.</summary>
    Pearson,

    /// <summary>g = −e^v, h = −1 − v.</summary>
    ReverseKullbackLeibler,

    /// <summary>g = 1 − e^v, h = (1 − e^v)/e^v.</summary>
    SquaredHellinger,

    /// <summary>g = 1 − e^v, h = 2 − 2e^(v/2); the authors' code leaves the composition with g out of h.</summary>
    Neyman,

    /// <summary>g = v, h = v + v²/4 + v³/16.</summary>
    Jeffrey,
}
