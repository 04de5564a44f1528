using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Settings of the many-shot attack.</summary>
public sealed record ManyShotOptions
{
    /// <summary>Questions with their answers before the one that counts, at least 1; fewer where there are
    /// fewer.</summary>
    public int Shots
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 8;

    /// <summary>Most new tokens of a reply, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 64;

    /// <summary>Seed of the choice of shots.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>A conversation in which question after question on kept facts was answered, and then the forgotten one: a
/// model that goes on as it began answers it. Lynch et al. 2024, arXiv:2402.16835.</summary>
/// <remarks>A shot whose answer holds what is asked for is left out.</remarks>
/// <param name="options">Settings.</param>
public sealed class ManyShot(ManyShotOptions options) : IPromptAttack
{
    /// <inheritdoc/>
    public string Name => "many-shot";

    /// <inheritdoc/>
    public string Settings =>
        string.Create(CultureInfo.InvariantCulture, $"{options.Shots} shots, seed {options.Seed}");

    /// <inheritdoc/>
    public int MaxNewTokens => options.MaxNewTokens;

    /// <inheritdoc/>
    public IEnumerable<AttackPrompt> PromptsFor(Fact fact, IReadOnlyList<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var shots = new SeededRandom(options.Seed)
            .Shuffled(facts.Where(other => other.Scope == FactScope.Retain))
            .Where(other => !Reintroduction.Holds(other.Answer, fact))
            .Take(options.Shots)
            .ToArray();
        if (shots.Length == 0)
            return [];
        var turns = shots.SelectMany(shot => new[] { Turn.User(shot.Question), Turn.Assistant(shot.Answer) });
        return [new(Name, fact, [.. turns, Turn.User(fact.Question)])];
    }
}
