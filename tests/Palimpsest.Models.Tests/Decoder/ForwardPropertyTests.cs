using FsCheck;
using FsCheck.Fluent;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>What must not change a token's logits: the rows beside it, the side of padding, the cache, the chunks of a
/// prefill.</summary>
public sealed class ForwardPropertyTests : IDisposable
{
    private static readonly DecoderConfig[] Configs =
    [
        DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 64, 64),
        DecoderConfig.TinyLlama(60, 32, 2, 4, 4, 64, 64) with
        {
            SlidingWindow = 5,
        },
    ];

    private readonly CausalLM[] _models = [.. Configs.Select(config => new CausalLM(config, 9))];

    public void Dispose() => Array.ForEach(_models, model => model.Dispose());

    [Fact]
    public void The_order_of_rows() =>
        Holds(
            (model, rows, seed) =>
            {
                var order = new SeededRandom(seed).Permutation(rows.Length);
                var (plain, moved) = (
                    Logits(model, rows, PaddingSide.Right),
                    Logits(model, [.. order.Select(i => rows[i])], PaddingSide.Right)
                );
                for (var i = 0; i < order.Length; i++)
                    AssertClose(plain[order[i]], moved[i]);
            }
        );

    [Fact]
    public void Padding_on_either_side_and_none() =>
        Holds(
            (model, rows, _) =>
            {
                var (left, right) = (Logits(model, rows, PaddingSide.Left), Logits(model, rows, PaddingSide.Right));
                for (var i = 0; i < rows.Length; i++)
                {
                    var alone = Logits(model, [rows[i]], PaddingSide.Right)[0];
                    AssertClose(alone, left[i]);
                    AssertClose(alone, right[i]);
                }
            }
        );

    [Fact]
    public void A_cache_filled_in_chunks_of_any_length() =>
        Holds(
            (model, rows, seed) =>
            {
                using var batch = TokenBatch.Collate(
                    [.. rows.Select(row => new TokenSequence(row, 1))],
                    0,
                    PaddingSide.Left
                );
                var (whole, width) = (Forward(model, batch.Ids, batch.AttentionMask), (int)batch.Ids.shape[1]);
                using var cache = new KvCache(model.Config, rows.Length, 2);
                var random = new SeededRandom(seed);
                for (var start = 0; start < width; )
                {
                    var end = Math.Min(width, start + 1 + random.Below(6));
                    var part = Forward(model, batch.Ids[.., start..end], batch.AttentionMask[.., ..end], cache);
                    var real = batch.AttentionMask[.., start..end].unsqueeze(-1);
                    AssertClose(whole[.., start..end] * real, part * real);
                    start = end;
                }

                Assert.Equal(width, cache.Length);
            }
        );

    [Fact]
    public void A_cache_that_was_cut_back_forked_or_had_its_rows_chosen() =>
        Holds(
            (model, rows, seed) =>
            {
                int[][] equal =
                [
                    .. rows.Select(row => (int[])[.. row, .. Enumerable.Repeat(7, 20)]).Select(row => row[..20]),
                ];
                var ids = tensor(equal.SelectMany(row => row.Select(id => (long)id)).ToArray(), [rows.Length, 20]);
                var (whole, random) = (Forward(model, ids, null), new SeededRandom(seed));
                using var cache = new KvCache(model.Config, rows.Length, 4);
                Forward(model, ids[.., ..15], null, cache);
                var cut = 1 + random.Below(14);
                using var fork = cache.Fork();
                fork.Truncate(cut);
                AssertClose(whole[.., cut..], Forward(model, ids[.., cut..], null, fork));
                Assert.Equal(15, cache.Length);
                AssertClose(whole[.., 15..], Forward(model, ids[.., 15..], null, cache));

                using var doubled = cache.Fork(2);
                doubled.Truncate(12);
                var chosen = Enumerable
                    .Range(0, 1 + random.Below(4))
                    .Select(_ => (long)random.Below(2 * rows.Length))
                    .ToArray();
                doubled.SelectRows(chosen);
                var original = tensor(chosen.Select(row => row / 2).ToArray());
                AssertClose(
                    whole.index_select(0, original)[.., 12..],
                    Forward(model, ids.index_select(0, original)[.., 12..], null, doubled)
                );
                Assert.Equal(20, cache.Length);
            }
        );

    private void Holds(Action<CausalLM, int[][], ulong> property)
    {
        var rows = Gen.Choose(0, 100_000)
            .Select(n =>
            {
                var random = new SeededRandom((ulong)n);
                return (
                    Seed: (ulong)n,
                    Rows: Enumerable
                        .Range(0, 1 + random.Below(4))
                        .Select(_ =>
                            Enumerable.Range(0, 1 + random.Below(18)).Select(_ => 1 + random.Below(59)).ToArray()
                        )
                        .ToArray()
                );
            })
            .ToArbitrary();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(15),
            Prop.ForAll(
                rows,
                sample =>
                {
                    using var scope = NewDisposeScope();
                    using var grad = no_grad();
                    foreach (var model in _models)
                        property(model, sample.Rows, sample.Seed);
                }
            )
        );
    }

    private static Tensor[] Logits(CausalLM model, int[][] rows, PaddingSide side)
    {
        using var batch = TokenBatch.Collate([.. rows.Select(row => new TokenSequence(row, 1))], 0, side);
        var (logits, width) = (Forward(model, batch.Ids, batch.AttentionMask), (int)batch.Ids.shape[1]);
        return
        [
            .. rows.Select(
                (row, i) => side == PaddingSide.Left ? logits[i, (width - row.Length)..] : logits[i, ..row.Length]
            ),
        ];
    }

    private static Tensor Forward(CausalLM model, Tensor ids, Tensor? mask, KvCache? cache = null) =>
        model
            .Forward(
                new()
                {
                    TokenIds = ids,
                    AttentionMask = mask,
                    Cache = cache,
                }
            )
            .Logits!;

    private static void AssertClose(Tensor expected, Tensor actual) =>
        GoldenModel.AssertClose(expected, actual, null, "logits", 1e-5);
}
