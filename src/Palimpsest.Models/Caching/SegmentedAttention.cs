namespace Palimpsest.Models;

/// <summary>
/// The attention of everything that is not the plain cache: several segments under one softmax, entries that differ
/// from head to head, and keys whose angles are chosen when they are read.
/// </summary>
/// <remarks>
/// softmax over all segments of cap(q·k · scale) + log(tokens that the entry counts as), in float32. Queries are in
/// blocks, so that no matrix of all queries and all keys exists unless <see cref="AttentionWants.LastRows"/> asks for
/// them all.
/// </remarks>
public sealed class SegmentedAttention : IDisposable
{
    private const int BlockRows = 64;

    private readonly DecoderConfig _config;
    private readonly RotaryEmbedding? _rotary;
    private readonly bool _ownsRotary;
    private readonly int? _window;
    private readonly double _scale;
    private readonly long _groups;

    /// <summary>The attention of a model's layer.</summary>
    /// <param name="config">The model's sizes and variants.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="device">Where it runs; the CPU by default.</param>
    public SegmentedAttention(DecoderConfig config, int layer, Device? device = null)
        : this(
            config,
            layer,
            config is { LearnedPositions: false } ? new RotaryEmbedding(config, device ?? CPU) : null
        ) => _ownsRotary = true;

    internal SegmentedAttention(DecoderConfig config, int layer, RotaryEmbedding? rotary)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_config, _rotary, _window) = (config, rotary, config.WindowOf(layer));
        _groups = config.Heads / config.KeyValueHeads;
        _scale = config.ScaleOf(layer);
    }

    /// <summary>Attends, and looks at the weights on the way.</summary>
    /// <param name="query">T queries; where every key is visible to them, the last T entries of the last segment are
    /// their own.</param>
    /// <param name="segments">What they read, at least one.</param>
    /// <param name="wants">What is to be seen of the weights.</param>
    /// <returns>Output [B, T, H·Dh] float32 and what was asked for.</returns>
    public (Tensor Output, AttentionObservation Observed) Run(
        SegmentedQuery query,
        IReadOnlyList<KvSegment> segments,
        AttentionWants wants = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(segments);
        using var scope = NewDisposeScope();
        var sides = Sides(query, segments);
        if (wants.IsNothing && sides.Count == 1 && _config.AttentionSoftCap is null && query.Unrotated.shape[2] == 1)
            return (One(sides[0], query).MoveToOuterDisposeScope(), new());
        var blocks = new Blocks(wants, query.Unrotated.shape[2], BlockRows);
        var outputs = new List<Tensor>();
        foreach (var (start, count) in blocks.All(skipsUnseen: false))
        {
            using var block = NewDisposeScope();
            var weights = Weights(sides, query, start, count); // [B, Hkv, G·t, S]
            outputs.Add(Output(weights, sides, count).MoveToOuterDisposeScope());
            blocks.Look(Heads(weights, count), query.Real, start, count);
        }

        return (cat(outputs, 1).MoveToOuterDisposeScope(), blocks.Result());
    }

    /// <summary>Attends head group by head group.</summary>
    /// <param name="query">As for one group.</param>
    /// <param name="groups">Every key-value head is in one.</param>
    /// <returns>Output [B, T, H·Dh] float32.</returns>
    public Tensor Run(SegmentedQuery query, IReadOnlyList<HeadGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(groups);
        using var scope = NewDisposeScope();
        var (batch, tokens, size) = (query.Unrotated.shape[0], query.Unrotated.shape[2], query.Unrotated.shape[3]);
        var heads = query.Unrotated.shape[1] / _groups;
        var outputs = empty([batch, tokens, heads, _groups * size], device: query.Unrotated.device);
        foreach (var group in groups)
        {
            using var part = NewDisposeScope();
            var asked = query with
            {
                Unrotated = Of(query.Unrotated, group.Heads),
                Rotated = query.Rotated is null ? null : Of(query.Rotated, group.Heads),
            };
            var (output, _) = Run(asked, group.Segments);
            outputs.index_copy_(2, group.Heads, output.view(batch, tokens, group.Heads.shape[0], -1));
        }

        return outputs.flatten(2).MoveToOuterDisposeScope();

        Tensor Of(Tensor x, Tensor some) =>
            x.view(batch, heads, _groups, tokens, size).index_select(1, some).flatten(1, 2);
    }

    /// <summary>Looks at the weights alone; only the blocks that were asked for are computed.</summary>
    public AttentionObservation Observe(SegmentedQuery query, IReadOnlyList<KvSegment> segments, AttentionWants wants)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(segments);
        if (wants.IsNothing)
            return new();
        using var scope = NewDisposeScope();
        var sides = Sides(query, segments);
        var blocks = new Blocks(wants, query.Unrotated.shape[2], BlockRows);
        foreach (var (start, count) in blocks.All(skipsUnseen: true))
        {
            using var block = NewDisposeScope();
            blocks.Look(Heads(Weights(sides, query, start, count), count), query.Real, start, count);
        }

        return blocks.Result();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsRotary)
            _rotary?.Dispose();
    }

    /// <summary>One query and one segment: the fused kernel, the heads of a group as queries of one key-value
    /// head.</summary>
    private Tensor One(Side side, SegmentedQuery query)
    {
        var bias = side.Segment.Counts?.log().unsqueeze(2);
        if (Hidden(side.Segment, query, 0, 1) is { } hidden)
            bias = (bias ?? zeros(hidden.shape, device: hidden.device)).masked_fill(hidden, float.MinValue);
        var shape = side.Query.shape;
        var attended = nn.functional.scaled_dot_product_attention(
            side.Query.reshape(shape[0], shape[1], _groups, shape[4]) * (_scale * Math.Sqrt(shape[4])),
            side.Keys,
            side.Segment.Values,
            bias?.expand(shape[0], bias.shape[1], 1, bias.shape[3]),
            0,
            false
        );
        return attended.reshape(shape[0], 1, -1);
    }

    private Tensor Weights(List<Side> sides, SegmentedQuery query, int start, int count)
    {
        var scores = sides.Select(side =>
        {
            var asked = side.Query.narrow(3, start, count).flatten(2, 3); // [B, Hkv, G·t, Dh]
            var score = matmul(asked * _scale, side.Keys.transpose(-1, -2)); // [B, Hkv, G·t, S]
            if (_config.AttentionSoftCap is { } cap)
                score = (score / cap).tanh() * cap;
            if (side.Segment.Counts is { } counts)
                score = score + counts.log().unsqueeze(2);
            return Hidden(side.Segment, query, start, count) is { } hidden // [B, Hkv or 1, t, S]
                ? score.masked_fill(hidden.repeat(1, 1, _groups, 1), float.MinValue)
                : score;
        });
        return cat([.. scores], -1).softmax(-1, ScalarType.Float32);
    }

    private Tensor Output(Tensor weights, List<Side> sides, int count)
    {
        Tensor? sum = null;
        var at = 0;
        foreach (var side in sides)
        {
            var part = matmul(weights.narrow(3, at, side.Segment.Width), side.Segment.Values); // [B, Hkv, G·t, Dh]
            sum = sum is null ? part : sum + part;
            at += side.Segment.Width;
        }

        return Heads(sum!, count).transpose(1, 2).flatten(2); // [B, t, H·Dh]
    }

    /// <summary>[B, Hkv, G·t, X] → [B, H, t, X].</summary>
    private Tensor Heads(Tensor grouped, int count) =>
        grouped.view(grouped.shape[0], grouped.shape[1] * _groups, count, grouped.shape[3]);

    /// <summary>Entries that queries may not see [B, Hkv or 1, t, S]; null when they see all.</summary>
    private Tensor? Hidden(KvSegment segment, SegmentedQuery query, int start, int count)
    {
        var keep = segment.Keep?.logical_not().unsqueeze(2);
        var within = segment.Within ?? (segment.Mode == PositionMode.FixedFar ? null : _window);
        if (query.Positions.shape[1] == 1 && within is null && segment.Beyond is null)
            return keep; // the newest token sees everything
        var asking = query.Positions.narrow(1, start, count).unsqueeze(1).unsqueeze(-1); // [B, 1, t, 1]
        var held = segment.Positions.unsqueeze(2); // [B, Hkv or 1, 1, S]
        var hidden = held > asking;
        if (within is { } window)
            hidden = hidden.logical_or(held <= asking - window);
        if (segment.Beyond is { } beyond)
            hidden = hidden.logical_or(held > asking - beyond);
        return keep is null ? hidden : hidden.logical_or(keep);
    }

    /// <summary>Rotates what is to be rotated, once per segment.</summary>
    private List<Side> Sides(SegmentedQuery query, IReadOnlyList<KvSegment> segments)
    {
        var sides = new List<Side>();
        Tensor? relativeQuery = null;
        var rotated = query.Rotated;
        if (rotated is null && _rotary is not null && segments.Any(s => s.Mode == PositionMode.Original))
            rotated = RotateAt(query.Unrotated, query.Positions.unsqueeze(1));
        var relative =
            _rotary is not null && segments.Any(s => s.Mode == PositionMode.CacheRelative) ? Relative(segments) : [];
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            var (keys, asked) = (segment.Keys, rotated ?? query.Unrotated);
            if (_rotary is not null && segment.Rotation == KeyRotation.Unrotated)
            {
                switch (segment.Mode)
                {
                    case PositionMode.Original:
                        keys = RotateAt(keys, segment.Positions);
                        break;
                    case PositionMode.FixedFar:
                        asked = RotateAt(
                            query.Unrotated,
                            tensor([(long)segment.Distance], [1, 1, 1], device: keys.device)
                        );
                        break;
                    default:
                        keys = RotateAt(keys, relative[i]);
                        relativeQuery ??= RelativeQuery(query, relative);
                        asked = relativeQuery;
                        break;
                }
            }

            var shape = asked.shape;
            var grouped = asked.reshape(shape[0], shape[1] / _groups, _groups, shape[2], shape[3]);
            if (segment.Channels is { } channels)
                grouped = grouped.gather(4, channels.unsqueeze(2).unsqueeze(2).expand(-1, -1, _groups, shape[2], -1));
            sides.Add(new(segment, keys, grouped));
        }

        return sides;
    }

    /// <summary>Places among the entries that count, over all relative segments [B or 1, Hkv or 1, S] int64.</summary>
    private static List<Tensor> Relative(IReadOnlyList<KvSegment> segments)
    {
        var places = new List<Tensor>();
        Tensor? before = null;
        foreach (var segment in segments)
        {
            if (segment.Mode != PositionMode.CacheRelative)
            {
                places.Add(segment.Positions);
                continue;
            }

            var counted = segment.Keep is { } keep
                ? keep.to(ScalarType.Int64)
                : ones([1, 1, segment.Width], ScalarType.Int64, segment.Keys.device);
            var place = counted.cumsum(-1);
            if (before is not null)
                place = place + before;
            before = place.narrow(-1, segment.Width - 1, 1);
            places.Add((place - 1).clamp_(0));
        }

        return places;
    }

    /// <summary>A query has the place of its own key.</summary>
    private Tensor RelativeQuery(SegmentedQuery query, List<Tensor> relative)
    {
        var tokens = query.Unrotated.shape[2];
        var places = relative[^1];
        var own = places.narrow(-1, places.shape[2] - tokens, tokens); // [B or 1, Hkv or 1, T]
        return RotateAt(query.Unrotated, own.shape[1] == 1 ? own : own.repeat_interleave(_groups, 1));
    }

    /// <summary>x [B, heads, N, Dh] at positions [B or 1, heads or 1, N or 1].</summary>
    private Tensor RotateAt(Tensor x, Tensor positions)
    {
        var flat = positions.reshape(1, -1);
        var length = (int)positions.max().item<long>() + 1;
        var tables = _rotary!.At(flat, length);
        long[] shape = [positions.shape[0], positions.shape[1], positions.shape[2], tables.Size];
        return new RotaryTables(tables.Cos.view(shape), tables.Sin.view(shape), tables.Size).Rotate(
            x,
            _config.HeadSize
        );
    }

    /// <summary>A segment with its keys and queries as they meet: keys [B, Hkv, S, Dh], query [B, Hkv, G, T,
    /// Dh].</summary>
    private sealed record Side(KvSegment Segment, Tensor Keys, Tensor Query);

    /// <summary>Collects what was asked for from blocks of queries.</summary>
    private sealed class Blocks(AttentionWants wants, long tokens, int rows)
    {
        private readonly List<Tensor> _last = [];
        private readonly long _firstLast = tokens - Math.Min(wants.LastRows, tokens);
        private Tensor? _sums;

        public IEnumerable<(int Start, int Count)> All(bool skipsUnseen)
        {
            var first = skipsUnseen && !wants.ColumnSums ? (int)_firstLast : 0;
            for (var start = first; start < tokens; start += rows)
                yield return (start, (int)Math.Min(rows, tokens - start));
        }

        public void Look(Tensor weights, Tensor? real, int start, int count)
        {
            if (wants.ColumnSums)
            {
                var counted = real is null
                    ? weights
                    : weights * real.narrow(1, start, count).to(ScalarType.Float32).unsqueeze(1).unsqueeze(-1);
                var sums = counted.sum(2);
                _sums = (_sums is null ? sums : _sums + sums).MoveToOuterDisposeScope();
            }

            if (wants.LastRows > 0 && start + count > _firstLast)
            {
                var from = Math.Max(0, _firstLast - start);
                _last.Add(weights.narrow(2, from, count - from).clone().MoveToOuterDisposeScope());
            }
        }

        public AttentionObservation Result() =>
            new()
            {
                ColumnSums = _sums?.MoveToOuterDisposeScope(),
                LastRows = _last.Count == 0 ? null : cat(_last, 2).MoveToOuterDisposeScope(),
            };
    }
}
