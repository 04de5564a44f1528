namespace Palimpsest.Evaluation;

/// <summary>What an attack is made with.</summary>
/// <param name="Facts">Facts of all scopes.</param>
public sealed record AttackMaterial(IReadOnlyList<Fact> Facts)
{
    /// <summary>Makes the change that teaches rows; null where the program has none.</summary>
    public Func<IReadOnlyList<(string Question, string Answer)>, IModelTransform>? Teach { get; init; }

    /// <summary>Makes the change that rounds weights to so many bits; null where the program has none.</summary>
    public Func<int, IModelTransform>? Round { get; init; }

    /// <summary>A way to teach, which has to be there.</summary>
    /// <exception cref="InputException">There is none.</exception>
    internal IModelTransform Teaching(RelearnSplit split) =>
        Teach?.Invoke(split.Rows) ?? throw new InputException("The attack needs a way to teach; none was given.");

    /// <summary>A way to round, which has to be there.</summary>
    /// <exception cref="InputException">There is none.</exception>
    internal IModelTransform Rounding(int bits) =>
        Round?.Invoke(bits) ?? throw new InputException("The attack needs a way to round weights; none was given.");
}
