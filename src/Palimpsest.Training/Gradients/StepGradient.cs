namespace Palimpsest.Training;

/// <summary>What a gradient source made of a step's micro-batches.</summary>
/// <param name="Loss">Mean loss; NaN when no micro-batch had a row.</param>
/// <param name="Rows">Rows read.</param>
/// <param name="Tokens">Real tokens read.</param>
/// <param name="Scale">What the gradients left in the parameters are to be multiplied by.</param>
public readonly record struct StepGradient(double Loss, long Rows, long Tokens, double Scale);
