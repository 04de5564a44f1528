namespace Palimpsest.Evaluation;

/// <summary>
/// Stated when the reply holds a given share of an expected answer's own words, in order. For answers that are
/// sentences, of
/// which no short value is known.
/// </summary>
/// <param name="least">Least share of the words, in (0, 1].</param>
public sealed class RecallJudge(double least = 0.5) : OwnWordsJudge
{
    private readonly double _least = Require.InRange(least, above: 0, atMost: 1, name: nameof(least));

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"ROUGE-L recall >= {_least} of the answer's own words");

    private protected override bool States(string gold, string said) =>
        Rouge.L(gold, said, stem: false).Recall >= _least;
}
