namespace Palimpsest.Worlds;

/// <summary>A fictitious person.</summary>
/// <param name="Name">First and family name, unique in the world; so is each of the two.</param>
/// <param name="Scope">Whether the person asks to be forgotten.</param>
/// <param name="Values">The object of each of <see cref="Relations.OfPeople"/>, in their order.</param>
public sealed record Person(string Name, FactScope Scope, IReadOnlyList<RelationValue> Values)
{
    /// <summary>The name that the person also goes by.</summary>
    public string FirstName => Name[..Name.IndexOf(' ', StringComparison.Ordinal)];
}
