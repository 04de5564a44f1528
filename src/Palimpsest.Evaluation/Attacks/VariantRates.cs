namespace Palimpsest.Evaluation;

/// <summary>How often one way of an attack got a fact out of each model.</summary>
/// <param name="Variant">The way.</param>
/// <param name="Original">Of the model before forgetting.</param>
/// <param name="Candidate">Of the model after forgetting.</param>
/// <param name="Retrained">Of a model that never saw the facts; null without one.</param>
public sealed record VariantRates(
    string Variant,
    Rate Original,
    Rate Candidate,
    [property: WhenMissing("no retrained model was given")] Rate? Retrained
);
