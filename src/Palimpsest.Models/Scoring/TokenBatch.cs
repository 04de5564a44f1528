namespace Palimpsest.Models;

/// <summary>Padded token ids with masks of equal shape.</summary>
/// <param name="Ids">Token ids [B, T] int64; padding holds the pad id.</param>
/// <param name="AttentionMask">True at real tokens [B, T] bool.</param>
/// <param name="LabelMask">True at tokens to be predicted [B, T] bool; column 0 is false.</param>
/// <param name="Rows">The data-set row of each batch row.</param>
public sealed record TokenBatch(Tensor Ids, Tensor AttentionMask, Tensor LabelMask, IReadOnlyList<int> Rows)
    : IDisposable
{
    /// <summary>What a method knows of each token [B, T] int64, 0 at padding; null when no row has tags.</summary>
    public Tensor? Tags { get; init; }

    /// <summary>What the caller says of each row, see <see cref="Prompt.Flag"/>; null for nothing of any.</summary>
    public IReadOnlyList<long>? Flags { get; init; }

    /// <summary>A batch without a row, as random sampling can draw one: [0, 1].</summary>
    /// <param name="device">Where the tensors go; the CPU by default.</param>
    public static TokenBatch Empty(Device? device = null) =>
        new(
            zeros([0, 1], ScalarType.Int64, device),
            zeros([0, 1], ScalarType.Bool, device),
            zeros([0, 1], ScalarType.Bool, device),
            []
        );

    /// <summary>One row as views of the same width; the caller disposes it.</summary>
    /// <param name="row">In [0, B).</param>
    public TokenBatch Row(int row) =>
        new(Ids.narrow(0, row, 1), AttentionMask.narrow(0, row, 1), LabelMask.narrow(0, row, 1), [Rows[row]])
        {
            Tags = Tags?.narrow(0, row, 1),
            Flags = Flags is null ? null : [Flags[row]],
        };

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
        var tags = sequences.Any(s => s.Tags is not null) ? new long[ids.Length] : null;
        Array.Fill(ids, padId);
        for (var row = 0; row < sequences.Count; row++)
        {
            var sequence = sequences[row];
            var start = row * width + (side == PaddingSide.Left ? width - sequence.Ids.Length : 0);
            for (var i = 0; i < sequence.Ids.Length; i++)
            {
                ids[start + i] = sequence.Ids[i];
                real[start + i] = true;
                labels[start + i] = sequence.IsLabelled(i);
                if (tags is not null && sequence.Tags is not null)
                    tags[start + i] = sequence.Tags[i];
            }
        }

        return new(
            tensor(ids, [sequences.Count, width], device: device),
            tensor(real, [sequences.Count, width], device: device),
            tensor(labels, [sequences.Count, width], device: device),
            [.. sequences.Select(s => s.Row)]
        )
        {
            Tags = tags is null ? null : tensor(tags, [sequences.Count, width], device: device),
            Flags = sequences.Any(s => s.Flag != 0) ? [.. sequences.Select(s => s.Flag)] : null,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        AttentionMask.Dispose();
        LabelMask.Dispose();
        Tags?.Dispose();
    }
}
