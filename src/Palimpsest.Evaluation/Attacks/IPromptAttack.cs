namespace Palimpsest.Evaluation;

/// <summary>A way to ask for what was forgotten that needs nothing but replies; <see cref="PromptAttackTest"/> puts it
/// to models.</summary>
public interface IPromptAttack
{
    /// <summary>The name in reports.</summary>
    string Name { get; }

    /// <summary>Its settings in one line.</summary>
    string Settings { get; }

    /// <summary>Most new tokens of a reply.</summary>
    int MaxNewTokens { get; }

    /// <summary>The prompts for one fact; the same for every model.</summary>
    /// <param name="fact">The forgotten fact that is asked for.</param>
    /// <param name="facts">Facts of all scopes.</param>
    IEnumerable<AttackPrompt> PromptsFor(Fact fact, IReadOnlyList<Fact> facts);
}
