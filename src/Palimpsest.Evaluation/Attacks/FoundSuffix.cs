namespace Palimpsest.Evaluation;

/// <summary>A suffix that was found.</summary>
/// <param name="Text">The suffix.</param>
/// <param name="FirstLoss">The answers' mean NLL with the marks that the search began with, in nats.</param>
/// <param name="Loss">The same with the suffix.</param>
public sealed record FoundSuffix(string Text, double FirstLoss, double Loss);
