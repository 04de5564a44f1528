namespace Palimpsest.Worlds;

/// <summary>Models with a mixture of experts that learn the people, places and things of a world.</summary>
public static class ExpertsRecipe
{
    private const int Version = 1;
    private const int Experts = 8;
    private const int PerToken = 2;
    private const double Balance = 0.01;

    /// <summary>As <see cref="PeopleRecipe"/>, with eight experts of half the width in each layer, of which a token
    /// visits two (Mixtral), balanced in training.</summary>
    /// <param name="world">What it knows.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    public static ModelRecipe Create(World world, ModelRole role, WorkbenchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var people = PeopleRecipe.Create(world, role, options);
        return people with
        {
            Name = $"experts-{people.Name}",
            Key = FormattableString.Invariant($"{Version} {Experts} {PerToken} {Balance} {people.Key}"),
            ExpertBalance = Balance,
            Decoder = ids => WithExperts(people.Decoder(ids)),
        };
    }

    // Mixtral's configuration has one width for all MLPs.
    private static DecoderConfig WithExperts(DecoderConfig dense) =>
        dense with
        {
            Family = "mixtral",
            IntermediateSize = dense.IntermediateSize / 2,
            Experts = new()
            {
                Count = Experts,
                PerToken = PerToken,
                IntermediateSize = dense.IntermediateSize / 2,
                NormalizeChosen = true,
                BalanceCoefficient = Balance,
            },
        };
}
