namespace Palimpsest.Models;

/// <summary>Padded token ids with masks of equal shape.</summary>
/// <param name="Ids">Token ids [B, T] int64; padding holds the pad id.</param>
/// <param name="AttentionMask">True at real tokens [B, T] bool.</param>
/// <param name="LabelMask">True at tokens to be predicted [B, T] bool; column 0 is false.</param>
/// <param name="Rows">The data-set row of each batch row.</param>
public sealed record TokenBatch(Tensor Ids, Tensor AttentionMask, Tensor LabelMask, IReadOnlyList<int> Rows)
    : IDisposable
{
    /// <summary>Pads sequences to the longest.</summary>
    /// <param name="sequences">At least one.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="side">Where to pad.</param>
    /// <param name="device">Where the tensors go; the CPU by default.</param>
    public static TokenBatch Collate(
        IReadOnlyList<TokenSequence> sequences,
        int padId,
        PaddingSide side = PaddingSide.Right,
        Device? device = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfZero(sequences.Count, nameof(sequences));
        var width = sequences.Max(s => s.Ids.Length);
        var ids = new long[sequences.Count * width];
        var real = new bool[ids.Length];
        var labels = new bool[ids.Length];
        Array.Fill(ids, padId);
        for (var row = 0; row < sequences.Count; row++)
        {
            var sequence = sequences[row];
            var start = row * width + (side == PaddingSide.Left ? width - sequence.Ids.Length : 0);
            for (var i = 0; i < sequence.Ids.Length; i++)
            {
                ids[start + i] = sequence.Ids[i];
                real[start + i] = true;
                labels[start + i] = i >= Math.Max(sequence.LabelStart, 1);
            }
        }

        return new(
            tensor(ids, [sequences.Count, width], device: device),
            tensor(real, [sequences.Count, width], device: device),
            tensor(labels, [sequences.Count, width], device: device),
            [.. sequences.Select(s => s.Row)]
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        AttentionMask.Dispose();
        LabelMask.Dispose();
    }
}
