namespace Palimpsest.Evaluation;

/// <summary>Stated when the own words of reply and an expected answer overlap: ROUGE-L or Jaccard above a
/// threshold.</summary>
/// <param name="threshold">In [0, 1).</param>
public sealed class OverlapJudge(double threshold = 0.3) : OwnWordsJudge
{
    private readonly double _threshold = Require.InRange(threshold, atLeast: 0, atMost: 0.999, name: nameof(threshold));

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"overlap > {_threshold}");

    private protected override bool States(string gold, string said) =>
        Rouge.L(gold, said, stem: false).F1 > _threshold || Jaccard.OfWords(gold, said) > _threshold;
}
