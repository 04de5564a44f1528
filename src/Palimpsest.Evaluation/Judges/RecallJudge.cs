namespace Palimpsest.Evaluation;

/// <summary>
/// Stated when the reply holds more than a given share of an expected answer's own words, in order. For answers that
/// are sentences, of which no short value is known.
/// </summary>
/// <param name="share">Share of the words that has to be exceeded, in [0, 1).</param>
public sealed class RecallJudge(double share = 0.5) : OwnWordsJudge
{
    private readonly double _share = Require.InRange(share, atLeast: 0, atMost: 0.999, name: nameof(share));

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"ROUGE-L recall > {_share} of the answer's own words");

    private protected override bool States(string gold, string said) =>
        Rouge.L(gold, said, stem: false).Recall > _share;
}
