namespace Palimpsest.Training;

/// <summary>Settings of the learning-rate schedule.</summary>
public sealed record ScheduleOptions
{
    /// <summary>The shape after warm-up.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    /// <summary>Steps of linear warm-up.</summary>
    public int WarmupSteps
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Final learning rate as a share of the peak, in [0, 1].</summary>
    public double FinalShare
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    }

    /// <summary>Share of the steps that decay, for <see cref="ScheduleKind.WarmupStableDecay"/>.</summary>
    public double DecayShare
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.2;
}
