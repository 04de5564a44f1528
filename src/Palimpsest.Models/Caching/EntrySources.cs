namespace Palimpsest.Models;

/// <summary>Which tokens the entries of an edited layer have anything of: a span each, so that an erased span takes
/// with it whatever was merged with it.</summary>
internal static class EntrySources
{
    /// <summary>The spans after an edit; null where no entry has ever flowed into another.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="index">Its columns [B, Hkv or 1, K] int64.</param>
    /// <param name="marks">The marks before it.</param>
    /// <param name="heads">Hkv.</param>
    public static (Tensor First, Tensor Last)? After(KvEdit edit, Tensor index, EntryMarks marks, int heads)
    {
        if (edit.Merge is null && marks.Sources is null)
            return null;
        var batch = index.shape[0];
        var wide = index.expand(batch, heads, index.shape[2]);
        var (first, last) = marks.Sources ?? (marks.Tokens, marks.Tokens);
        var width = first.shape[2];
        (first, last) = (first.expand(batch, heads, width), last.expand(batch, heads, width));
        var (firstLeft, lastLeft) = (first.gather(2, wide), last.gather(2, wide));
        if (edit.Merge is not { } merge)
            return (firstLeft, lastLeft);
        var used = merge.Weights.ne(0);
        return (
            Reach(firstLeft, first.gather(2, merge.From), merge.To, used, Math.Min),
            Reach(lastLeft, last.gather(2, merge.From), merge.To, used, Math.Max)
        );
    }

    /// <summary>Ends of spans [B, Hkv, K] int32, moved to where those that flow into them reach.</summary>
    private static Tensor Reach(Tensor ends, Tensor flowing, Tensor to, Tensor used, Func<int, int, int> further)
    {
        var (left, from) = (Values<int>(ends), Values<int>(flowing));
        var (places, counts) = (Values<long>(to), Values<bool>(used));
        var (pairs, slots) = (to.shape[2], ends.shape[2]);
        for (var i = 0; i < from.Length; i++)
        {
            var slot = i / pairs * slots + places[i];
            if (counts[i])
                left[slot] = further(left[slot], from[i]);
        }

        return tensor(left, ends.shape, device: ends.device);
    }

    private static T[] Values<T>(Tensor x)
        where T : unmanaged => x.cpu().contiguous().data<T>().ToArray();
}
