namespace Palimpsest.Unlearning;

/// <summary>Settings of causal tracing.</summary>
public sealed record CausalTracerOptions
{
    /// <summary>Draws of noise per fact, at least 1.</summary>
    public int Draws
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;

    /// <summary>Deviation of the noise as a multiple of that of the subjects' embeddings, in [0, 1000].</summary>
    public double Noise
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 3;

    /// <summary>Layers whose MLP or attention is restored together, at least 1; null: 10, and at most a third of the
    /// model's.</summary>
    public int? Window
    {
        get;
        init => field = value is { } window ? Require.AtLeast(window, 1, nameof(Window)) : null;
    }

    /// <summary>Seed of the noise.</summary>
    public ulong Seed { get; init; } = 1;
}
