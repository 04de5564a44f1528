namespace Palimpsest.Evaluation;

/// <summary>A change of the weights after which knowledge is measured again.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="Transform">The change.</param>
/// <param name="Facts">The facts that are measured; disjoint from what a relearning test teaches.</param>
/// <param name="AlsoOnRetrained">True when the zero is the retrained model after the same change (relearning).</param>
public sealed record RobustnessTest(
    string Name,
    IModelTransform Transform,
    IReadOnlyList<Fact> Facts,
    bool AlsoOnRetrained
);
