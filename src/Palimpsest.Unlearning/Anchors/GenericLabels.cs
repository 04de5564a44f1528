using System.Security.Cryptography;
using System.Text;

namespace Palimpsest.Unlearning;

/// <summary>What a model that never read a text would say at each of its positions.</summary>
/// <remarks>
/// <para>
/// v = v_base(translated) − α·ReLU(v_reinforced(original) − v_base(original)) at positions that both texts have:
/// equal tokens, and the last token of a term with that of its stand-in. Public descriptions leave open which text the
/// baseline of the difference reads; causal_unlearn's is the original for both.
/// </para>
/// <para>
/// From its second occurrence in a block on, a term is not a label; after its first, the first tokens of its stand-in
/// lose what <see cref="WhpOptions.StandInPenalty"/> says. Where anchors are written otherwise than in the dictionary,
/// for example in capitals, they are not replaced.
/// </para>
/// </remarks>
public sealed class GenericLabels
{
    /// <summary>Takes labels that were made.</summary>
    internal GenericLabels(IReadOnlyList<GenericRow> rows, int perToken) => (Rows, PerToken) = (rows, perToken);

    /// <summary>One for each row that was read.</summary>
    public IReadOnlyList<GenericRow> Rows { get; }

    /// <summary>Ids of each label, k ≥ 1.</summary>
    public int PerToken { get; }

    /// <summary>A hash of all labels.</summary>
    internal string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var row in Rows)
            {
                var shares = row.Shares.Select(BitConverter.SingleToInt32Bits);
                var text =
                    $"{string.Join(' ', row.Positions)}|{string.Join(' ', row.Ids)}|{string.Join(' ', shares)}\n";
                hash.AppendData(Encoding.UTF8.GetBytes(text));
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Asks both models.</summary>
    /// <param name="rows">Encoded blocks; their labelled tokens get labels.</param>
    /// <param name="models">The baseline and the reinforced model, of the same ids; read without gradient.</param>
    /// <param name="anchors">Expressions with stand-ins; none leaves what the reinforced model favours.</param>
    /// <param name="options">Settings.</param>
    /// <param name="batch">Rows at once, at least 1, and the id that fills up.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">A row has no position with a label.</exception>
    public static GenericLabels Build(
        IReadOnlyList<TokenSequence> rows,
        (CausalLM Baseline, CausalLM Reinforced) models,
        IReadOnlyList<TokenAnchor> anchors,
        WhpOptions options,
        (int Size, int PadId) batch,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentNullException.ThrowIfNull(options);
        var config = models.Baseline.Config;
        var width = Math.Min(options.LabelTokens, config.VocabularySize);
        var labels = new List<GenericRow>();
        foreach (var part in rows.Chunk(batch.Size))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var blocks = part.Select(row => LabelledBlock.Of(row, anchors, config.LongestSequence)).ToArray();
            var empty = Array.FindIndex(blocks, block => block.Positions.Length == 0);
            if (empty >= 0)
                throw new InputException(
                    $"Forget row {labels.Count + empty} has no position with a generic label: all that it teaches are "
                        + "terms that came before in it, or parts of terms."
                );
            var logits = Generic(part, blocks, models, options, batch.PadId); // [N, V]
            Lower(logits, blocks, anchors, options.StandInPenalty);
            var (best, ids) = logits.softmax(-1).topk(width, -1);
            var shares = (best / best.sum(-1, keepdim: true)).cpu().data<float>().ToArray();
            var chosen = ids.cpu().data<long>().Select(id => (int)id).ToArray();
            var place = 0;
            foreach (var block in blocks)
            {
                var count = block.Positions.Length * width;
                labels.Add(new(block.Positions, chosen[place..(place + count)], shares[place..(place + count)]));
                place += count;
            }
        }

        return new(labels, width);
    }

    private static Tensor Generic(
        TokenSequence[] rows,
        LabelledBlock[] blocks,
        (CausalLM Baseline, CausalLM Reinforced) models,
        WhpOptions options,
        int padId
    )
    {
        using var scope = NewDisposeScope();
        var device = models.Baseline.Device;
        Tensor At(CausalLM model, TokenSequence[] texts, Func<LabelledBlock, int[]> positions)
        {
            using var inner = NewDisposeScope();
            var batch = TokenBatch.Collate(texts, padId, device: device);
            var logits = UnlearningObjective.Logits(model, batch);
            var places = blocks.SelectMany((block, i) => positions(block).Select(p => i * batch.Ids.shape[1] + p));
            return logits
                .reshape(-1, logits.shape[2])
                .index_select(0, tensor(places.ToArray(), device: device))
                .MoveToOuterDisposeScope();
        }

        TokenSequence[] translated = [.. blocks.Select(block => new TokenSequence(block.Translated, 1))];
        return WhpComposer
            .Generic(
                At(models.Baseline, translated, block => block.Partners),
                At(models.Baseline, rows, block => block.Positions),
                At(models.Reinforced, rows, block => block.Positions),
                options.Composition
            )
            .MoveToOuterDisposeScope();
    }

    private static void Lower(Tensor logits, LabelledBlock[] blocks, IReadOnlyList<TokenAnchor> anchors, double penalty)
    {
        var starts = anchors.ToLookup(anchor => anchor.Entry, anchor => anchor.Replacement[0]);
        var (row, rows, ids) = (0L, new List<long>(), new List<long>());
        foreach (var block in blocks)
        {
            foreach (var position in block.Positions)
            {
                foreach (var id in block.CameBefore(position).SelectMany(entry => starts[entry]).Distinct())
                {
                    rows.Add(row);
                    ids.Add(id);
                }

                row++;
            }
        }

        if (rows.Count == 0 || penalty == 0)
            return;
        using var scope = NewDisposeScope();
        var device = logits.device;
        logits.index_put_(
            full([rows.Count], -(float)penalty, device: device),
            [tensor(rows, device: device), tensor(ids, device: device)],
            accumulate: true
        );
    }
}
