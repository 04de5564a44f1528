namespace Palimpsest.Training;

/// <summary>Shapes of the learning rate after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>The peak throughout.</summary>
    Constant,

    /// <summary>Straight down to the final share.</summary>
    Linear,

    /// <summary>Half a cosine down to the final share.</summary>
    Cosine,

    /// <summary>Warm-up, stable, then a linear decay.</summary>
    WarmupStableDecay,
}
