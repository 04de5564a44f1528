namespace Palimpsest.Inference.Tests;

/// <summary>Three rows of a conversation, padded on the left, that caches read with or without some columns.</summary>
internal static class KvConversation
{
    // A prompt in two parts, an answer, another prompt, an answer.
    private static readonly (int Start, int Count, KvPhase Phase)[] Passes =
    [
        (0, 10, KvPhase.PrefillChunk),
        (10, 11, KvPhase.PrefillEnd),
        (21, 1, KvPhase.Step),
        (22, 1, KvPhase.Step),
        (23, 1, KvPhase.Step),
        (24, 6, KvPhase.PrefillEnd),
        (30, 1, KvPhase.Step),
    ];

    private static long[] Columns(IReadOnlyList<KvSpan> without, int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Where(column => !without.Any(span => column >= span.Start && column < span.End))
                .Select(column => (long)column),
        ];

    /// <summary>Three rows, padded on the left, without some columns.</summary>
    private static (Tensor Ids, Tensor Mask) Rows(IReadOnlyList<KvSpan> without)
    {
        int[] lengths = [31, 27, 19];
        var ids = zeros([3, 31], ScalarType.Int64);
        var mask = zeros([3, 31], ScalarType.Bool);
        foreach (var (row, length) in lengths.Index())
        {
            var tokens = tensor(KvModels.Tokens(length, (ulong)row + 1).Select(id => (long)id).ToArray());
            ids[row].narrow(0, 31 - length, length).copy_(tokens);
            mask[row].narrow(0, 31 - length, length).fill_(true);
        }

        var index = tensor(Columns(without, 31));
        return (ids.index_select(1, index), mask.index_select(1, index));
    }

    public static void Read(CausalLM model, Models.KvCache cache, params KvSpan[] without)
    {
        using var scope = NewDisposeScope();
        var (ids, mask) = Rows(without);
        var at = 0;
        var passes = Passes
            .Select(pass =>
                (pass.Phase, Count: Columns(without, 31).Count(c => c >= pass.Start && c < pass.Start + pass.Count))
            )
            .Where(pass => pass.Count > 0)
            .ToArray();
        foreach (var (number, (phase, count)) in passes.Index())
        {
            var ends = phase == KvPhase.PrefillChunk && passes[number + 1].Phase == KvPhase.Step;
            model.Forward(
                new()
                {
                    TokenIds = ids.narrow(1, at, count),
                    AttentionMask = mask.narrow(1, 0, at + count),
                    Cache = cache,
                    Phase = ends ? KvPhase.PrefillEnd : phase,
                    Logits = LogitsFor.None,
                }
            );
            at += count;
        }
    }

    public static Tensor Next(CausalLM model, Models.KvCache cache, params KvSpan[] without)
    {
        using var scope = NewDisposeScope();
        var (_, mask) = Rows(cache.Length == 31 ? [] : without);
        var logits = new List<Tensor>();
        for (var step = 1; step < 4; step++)
        {
            var output = model.Forward(
                new()
                {
                    TokenIds = full([3, 1], 7 * step, ScalarType.Int64),
                    AttentionMask = cat([mask, ones([3, step], ScalarType.Bool)], 1),
                    Cache = cache,
                }
            );
            logits.Add(output.Logits!);
        }

        return cat(logits, 1).MoveToOuterDisposeScope();
    }
}
