namespace Palimpsest.Training;

/// <summary>The learning rate of each optimiser step: linear warm-up, then the shape that was asked for.</summary>
/// <param name="options">The shape.</param>
/// <param name="peak">Largest learning rate.</param>
/// <param name="totalSteps">Optimiser steps in all, at least 1.</param>
public sealed class LearningRateSchedule(ScheduleOptions options, double peak, int totalSteps)
{
    /// <summary>The rate of zero-based step <paramref name="step"/>.</summary>
    /// <remarks>Warm-up step i of w has (i + 1) / w of the peak, so that the first step is not lost.</remarks>
    public double At(int step)
    {
        if (step < options.WarmupSteps)
            return peak * (step + 1) / options.WarmupSteps;
        var after = step - options.WarmupSteps;
        var length = Math.Max(1, totalSteps - options.WarmupSteps);
        return peak
            * options.Kind switch
            {
                ScheduleKind.Linear => Fall(1 - (double)after / length),
                ScheduleKind.Cosine => Fall(0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, (double)after / length)))),
                ScheduleKind.WarmupStableDecay => Fall(Stable(after, length)),
                _ => 1,
            };
    }

    private double Stable(int after, int length)
    {
        var decay = Math.Max(1, (int)Math.Round(options.DecayShare * length));
        return Math.Min(1, (double)(length - after) / decay);
    }

    private double Fall(double share) => options.FinalShare + (1 - options.FinalShare) * Math.Max(0, share);
}
