namespace Palimpsest.Models;

/// <summary>Token ids of which those from <paramref name="LabelStart"/> on are to be predicted.</summary>
/// <param name="Ids">Prompt and answer, L ≥ 1 ids.</param>
/// <param name="LabelStart">Index of the first predicted token, in [0, L]; position 0 is never predicted.</param>
/// <param name="Row">Zero-based row of the data set that it was made from.</param>
public sealed record TokenSequence(int[] Ids, int LabelStart, int Row = 0)
{
    /// <summary>Number of predicted tokens.</summary>
    public int LabelCount => Ids.Length - Math.Max(LabelStart, 1);
}
