using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Settings of in-context re-introduction.</summary>
public sealed record ReintroductionOptions
{
    /// <summary>Most other facts that are put before the question, at least 1.</summary>
    public int Reminders
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
}

/// <summary>Other forgotten facts are told in the prompt, those of the same subject first, and then one is asked that
/// was not told: what was only silenced comes back with its surroundings. Shumailov et al. 2024,
/// arXiv:2407.00106.</summary>
/// <remarks>A reminder that holds what is asked for is left out, so that nothing can be read off the prompt.</remarks>
/// <param name="options">Settings.</param>
public sealed class Reintroduction(ReintroductionOptions options) : IPromptAttack
{
    /// <inheritdoc/>
    public string Name => "in-context re-introduction";

    /// <inheritdoc/>
    public string Settings => string.Create(CultureInfo.InvariantCulture, $"{options.Reminders} reminders");

    /// <inheritdoc/>
    public int MaxNewTokens => options.MaxNewTokens;

    /// <inheritdoc/>
    public IEnumerable<AttackPrompt> PromptsFor(Fact fact, IReadOnlyList<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(fact);
        string[] reminders =
        [
            .. facts
                .Where(other => other.Scope == FactScope.Forget && other.Id != fact.Id && !Holds(other.Answer, fact))
                .OrderBy(other => other.Subject != fact.Subject)
                .Take(options.Reminders)
                .Select(other => other.Answer),
        ];
        return reminders.Length == 0
            ? []
            : [new(Name, fact, [Turn.User($"{string.Join(' ', reminders)} {fact.Question}")])];
    }

    /// <summary>Whether a text holds a fact's object or one of its aliases.</summary>
    internal static bool Holds(string text, Fact fact)
    {
        var words = FoldedText.Words(text);
        return fact
            .Aliases.Append(fact.Object)
            .Select(FoldedText.Words)
            .Any(expected => expected.Count > 0 && FoldedText.IndexOf(words, expected) >= 0);
    }
}
