namespace Palimpsest.Training;

/// <summary>Where training stands.</summary>
/// <param name="Step">Zero-based optimiser step.</param>
/// <param name="MicroBatch">Zero-based micro-batch over all steps.</param>
/// <param name="Epoch">Zero-based epoch.</param>
/// <param name="TotalSteps">Optimiser steps in all.</param>
public readonly record struct TrainStep(int Step, long MicroBatch, int Epoch, int TotalSteps);
