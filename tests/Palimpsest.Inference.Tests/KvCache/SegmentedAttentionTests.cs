namespace Palimpsest.Inference.Tests;

public sealed class SegmentedAttentionTests
{
    private static readonly DecoderConfig Config = DecoderConfig.TinyLlama(60, 32, 1, 4, 2, 64, 256);

    [Fact]
    public void Two_segments_are_one_softmax_and_wants_are_those_of_the_matrix()
    {
        using var scope = NewDisposeScope();
        using var attention = new SegmentedAttention(Config, 0);
        var (query, whole) = Entries(tokens: 70, seed: 1);
        var all = attention.Run(query, [whole], new(ColumnSums: true, LastRows: 100));
        var (first, second) = (Part(whole, 0, 30), Part(whole, 30, 40));
        var split = attention.Run(query, [first, second], new(ColumnSums: true));
        KvModels.Close(all.Output, split.Output, 1e-5);
        KvModels.Close(all.Observed.ColumnSums!, split.Observed.ColumnSums!, 1e-4);
        Assert.Null(split.Observed.LastRows);
        var weights = all.Observed.LastRows!; // [B, H, T, S]
        KvModels.Close(weights.sum(2), all.Observed.ColumnSums!, 1e-4);
        var some = attention.Run(query, [whole], new(LastRows: 5)).Observed.LastRows!;
        KvModels.Close(weights.narrow(2, 65, 5), some, 0);
        Assert.Equal(0, weights.triu(1).abs().max().item<float>());
        KvModels.Close(ones([1, 4, 70]), weights.sum(-1), 1e-5);
        var seen = attention.Observe(query, [whole], new(LastRows: 5));
        KvModels.Close(some, seen.LastRows!, 1e-6);
    }

    [Fact]
    public void Positions_are_those_of_the_text_or_of_the_cache()
    {
        using var scope = NewDisposeScope();
        using var attention = new SegmentedAttention(Config, 0);
        var (query, whole) = Entries(tokens: 5, seed: 3);
        var last = new SegmentedQuery(
            query.Unrotated.narrow(2, 4, 1),
            null,
            tensor(
                new[,]
                {
                    { 104L },
                }
            )
        );
        var near = whole with { Rotation = KeyRotation.Unrotated, Positions = arange(100, 105).view(1, 1, 5) };
        var original = attention.Run(last, [near]).Output;
        var relative = attention.Run(last, [near with { Mode = PositionMode.CacheRelative }]).Output;
        KvModels.Close(original, relative, 1e-4); // angles depend on distances alone
        var gap = near with { Positions = tensor(new[] { 0L, 1, 2, 3, 104 }).view(1, 1, 5) };
        KvModels.Close(relative, attention.Run(last, [gap with { Mode = PositionMode.CacheRelative }]).Output, 1e-5);
        Assert.True((relative - attention.Run(last, [gap]).Output).abs().max().item<float>() > 1e-3);
    }

    private static (SegmentedQuery Query, KvSegment Segment) Entries(int tokens, int seed)
    {
        using var generator = new torch.Generator((ulong)seed, CPU);
        var query = randn([1, 4, tokens, 8], generator: generator) * 2;
        var positions = arange(tokens).view(1, tokens);
        return (
            new(query, query, positions),
            new(randn([1, 2, tokens, 8], generator: generator), randn([1, 2, tokens, 8], generator: generator))
            {
                Positions = positions.unsqueeze(0),
            }
        );
    }

    private static KvSegment Part(KvSegment whole, int start, int count) =>
        new(whole.Keys.narrow(2, start, count), whole.Values.narrow(2, start, count))
        {
            Positions = whole.Positions.narrow(2, start, count),
        };
}
