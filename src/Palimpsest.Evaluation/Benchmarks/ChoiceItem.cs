namespace Palimpsest.Evaluation;

/// <summary>What a model made of one question.</summary>
/// <param name="Id">The question's id.</param>
/// <param name="Group">The question's group.</param>
/// <param name="Question">The question.</param>
/// <param name="Scores">The normalised log-likelihood of each answer in nats; the first answer is the right
/// one.</param>
public sealed record ChoiceItem(string Id, string Group, string Question, IReadOnlyList<double> Scores)
{
    /// <summary>The index of the likeliest answer; a tie goes to the later one, so that a model without opinion is not
    /// right.</summary>
    public int Chosen { get; } = Enumerable.Range(0, Scores.Count).MaxBy(i => (Scores[i], i));

    /// <summary>True when the right answer is the likeliest.</summary>
    public bool IsRight => Chosen == 0;

    /// <summary>How much likelier the right answer is than the likeliest wrong one, in nats per unit; negative when it
    /// is not.</summary>
    public double Margin => Scores[0] - Scores.Skip(1).Max();
}
