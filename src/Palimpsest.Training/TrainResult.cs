namespace Palimpsest.Training;

/// <summary>How a training run ended.</summary>
/// <param name="Steps">Optimiser steps taken, those before a resume included.</param>
/// <param name="FinalLoss">Loss of the last step.</param>
/// <param name="Tokens">Real tokens seen.</param>
/// <param name="Seconds">Wall-clock seconds of this process.</param>
/// <param name="StoppedEarly">True when an extension stopped it.</param>
public sealed record TrainResult(
    int Steps,
    [property: WhenMissing("the last step had no row")] double FinalLoss,
    long Tokens,
    double Seconds,
    bool StoppedEarly
);
