namespace Palimpsest.Evaluation;

/// <summary>A model after one more deletion request.</summary>
/// <param name="Requests">The requests that were granted in this step: one, or all at once.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="Seconds">What the method took.</param>
/// <param name="Known">What the model knows of each request's rows afterwards, by request, granted or not yet.</param>
/// <param name="Kept">What it knows of the rows to be kept; null without any.</param>
public sealed record RequestStep(
    IReadOnlyList<string> Requests,
    int Steps,
    double Seconds,
    IReadOnlyDictionary<string, RowKnowledge> Known,
    [property: WhenMissing("no rows to be kept were given")] RowKnowledge? Kept
);
