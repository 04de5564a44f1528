namespace Palimpsest.Models;

/// <summary>Token ids of which those from <paramref name="LabelStart"/> on are to be predicted.</summary>
/// <param name="Ids">Prompt and answer, L ≥ 1 ids.</param>
/// <param name="LabelStart">Index of the first predicted token, in [0, L]; position 0 is never predicted.</param>
/// <param name="Row">Zero-based row of the data set that it was made from.</param>
public sealed record TokenSequence(int[] Ids, int LabelStart, int Row = 0)
{
    /// <summary>Which tokens are predicted in training, one entry per id; null: those from <see cref="LabelStart"/> on,
    /// which is what scoring always reads.</summary>
    public IReadOnlyList<bool>? Labels
    {
        get;
        init => field = value is null ? null : OnePerId(value, nameof(Labels));
    }

    /// <summary>What a method knows of each token, one number per id, for example 1 for a secret; null: 0
    /// throughout.</summary>
    public IReadOnlyList<int>? Tags
    {
        get;
        init => field = value is null ? null : OnePerId(value, nameof(Tags));
    }

    /// <summary>What the caller says of the prompt to taps and deltas, see <see cref="Prompt.Flag"/>.</summary>
    public long Flag { get; init; }

    /// <summary>Number of predicted tokens.</summary>
    public int LabelCount =>
        Labels is null ? Ids.Length - Math.Max(LabelStart, 1) : Labels.Skip(1).Count(labelled => labelled);

    /// <summary>Whether a token is predicted in training.</summary>
    /// <param name="index">In [0, L); 0 never is.</param>
    public bool IsLabelled(int index) => index > 0 && (Labels is null ? index >= LabelStart : Labels[index]);

    private IReadOnlyList<T> OnePerId<T>(IReadOnlyList<T> values, string name) =>
        values.Count == Ids.Length
            ? values
            : throw new ArgumentException($"{name} has {values.Count} entries for {Ids.Length} ids.", name);
}
