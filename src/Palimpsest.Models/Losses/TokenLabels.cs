namespace Palimpsest.Models;

/// <summary>What a loss wants predicted at every position.</summary>
/// <param name="Ids">Ids [..., T] int64, or <see cref="Ignored"/>.</param>
public sealed record TokenLabels(Tensor Ids)
{
    /// <summary>Position t predicts label t + shift; at least 0.</summary>
    public int Shift
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>The label that counts for nothing.</summary>
    public long Ignored { get; init; } = -100;

    /// <summary>Labels as they are, position by position.</summary>
    public static implicit operator TokenLabels(Tensor ids) => FromTensor(ids);

    /// <summary>Labels as they are, position by position.</summary>
    public static TokenLabels FromTensor(Tensor ids) => new(ids);

    /// <summary>The label of every position [..., T], <see cref="Ignored"/> where there is none.</summary>
    internal Tensor Shifted()
    {
        if (Shift == 0)
            return Ids;
        var (shifted, length) = (full_like(Ids, Ignored), Ids.shape[^1]);
        if (Shift < length)
            shifted.narrow(-1, 0, length - Shift).copy_(Ids.narrow(-1, Shift, length - Shift));
        return shifted;
    }
}
