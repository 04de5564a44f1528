namespace Palimpsest.Models;

/// <summary>The default: contiguous float32 buffers [B, Hkv, capacity, Dh], allocated once.</summary>
/// <remarks>
/// Rotated keys of all tokens as long as nothing was dropped. An edit moves what stays into buffers of its size and
/// gives every entry its position; cache-relative layers then hold their keys unrotated.
/// </remarks>
public sealed partial class ContiguousLayerCache : LayerCache
{
    // An edited buffer grows by an eighth, at least by so many tokens: it is to stay small.
    private const int LeastSpare = 16;

    private readonly DecoderConfig? _relative;
    private Tensor _keys;
    private Tensor _values;
    private int _width;
    private int _seen;
    private EntryMarks? _marks;
    private Tensor? _scores;

    /// <summary>An empty layer.</summary>
    /// <param name="shape">Sizes.</param>
    public ContiguousLayerCache(LayerShape shape)
        : this(shape, null) { }

    /// <summary>An empty layer whose keys, once something was dropped, have positions among the entries held.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="relativeTo">The model whose angles the keys are turned back by; null where the layer keeps original
    /// positions. A model with learned positions has no angles and keeps them too.</param>
    public ContiguousLayerCache(LayerShape shape, DecoderConfig? relativeTo)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _relative = relativeTo is { LearnedPositions: true } ? null : relativeTo;
        _keys = Allocate(shape.KeySize);
        _values = Allocate(shape.HeadSize);
    }

    private ContiguousLayerCache(ContiguousLayerCache source, Func<Tensor, Tensor> copy)
        : base(source.Shape)
    {
        (_relative, _width, _seen) = (source._relative, source._width, source._seen);
        _keys = copy(source._keys).DetachFromDisposeScope();
        _values = copy(source._values).DetachFromDisposeScope();
        _marks = source._marks?.Map(copy);
        _scores = source._scores is null ? null : copy(source._scores).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override int Batch => (int)_keys.shape[0];

    /// <inheritdoc/>
    public override int Seen => _seen;

    /// <summary>Columns held: the entries of the head that holds most, and holes of those that hold fewer.</summary>
    public int Width => _width;

    /// <summary>Columns that fit without growing.</summary>
    public int Capacity => (int)_keys.shape[2];

    /// <inheritdoc/>
    public override bool IsPlain => _marks is null;

    /// <inheritdoc/>
    public override KeyRotation Rotation =>
        _relative is not null && !IsPlain ? KeyRotation.Unrotated : KeyRotation.Rotated;

    /// <inheritdoc/>
    public override KvBytes Bytes
    {
        get
        {
            var physical =
                2 * _keys.NumberOfElements * sizeof(float)
                + (_marks?.Bytes ?? 0)
                + (_scores?.NumberOfElements ?? 0) * sizeof(float);
            return new(LogicalBytes, physical);
        }
    }

    /// <summary>Keys of what is held [B, Hkv, Width, Dh], a view that the caller disposes.</summary>
    public Tensor Keys() => _keys.narrow(2, 0, _width);

    /// <summary>Values of what is held [B, Hkv, Width, Dh], a view that the caller disposes.</summary>
    public Tensor Values() => _values.narrow(2, 0, _width);

    /// <summary>
    /// A number per entry [B, Hkv, Width] float32 that a policy keeps with it, for example accumulated attention; it
    /// goes where the entry goes. Null until it is set; new entries have 0. The caller disposes what it reads.
    /// </summary>
    public Tensor? Scores
    {
        get => _scores?.alias();
        set
        {
            using var scope = NewDisposeScope();
            SetScores(value?.alias());
        }
    }

    /// <summary>Entries that a policy allows each row, fixed once; null until it is set.</summary>
    public IReadOnlyList<RowBudget>? RowBudgets { get; set; }

    /// <inheritdoc/>
    public override void Append(Tensor keys, Tensor values, KvTokens? tokens = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        if (!IsPlain)
            ArgumentNullException.ThrowIfNull(tokens);
        var count = (int)keys.shape[2];
        if (IsPlain && Whole.Owner is null && tokens?.Real is not null)
            throw new ArgumentException("A layer by itself takes no padding.", nameof(tokens));
        _marks = _marks?.With(tokens!, _seen, _width, count);
        if (_scores is not null)
        {
            using var scope = NewDisposeScope();
            SetScores(cat([_scores, zeros([Batch, _scores.shape[1], count], device: _scores.device)], 2));
        }

        Write(keys, values, count);
    }

    /// <summary>Places of the entries held among the tokens seen [B, Hkv or 1, Width] int64; the caller disposes
    /// it.</summary>
    public Tensor Tokens() =>
        _marks is null
            ? arange(_width, device: _keys.device).expand(Batch, 1, _width).clone()
            : _marks.Tokens.to(ScalarType.Int64);

    /// <inheritdoc/>
    public override (Tensor Keys, Tensor Values) Plain() =>
        IsPlain ? (Keys(), Values()) : throw new InvalidOperationException($"Layer {Layer} has dropped entries.");

    /// <summary>Writes a pass's keys and values behind those held.</summary>
    private void Write(Tensor keys, Tensor values, int count)
    {
        if (is_grad_enabled() && (keys.requires_grad || values.requires_grad || _keys.requires_grad))
        {
            // Buffers that are written again would spoil what earlier passes recorded.
            using var scope = NewDisposeScope();
            Replace(cat([_keys.narrow(2, 0, _width), keys], 2), cat([_values.narrow(2, 0, _width), values], 2));
        }
        else
        {
            Reserve(count);
            using var keyPlace = _keys.narrow(2, _width, count);
            using var valuePlace = _values.narrow(2, _width, count);
            keyPlace.copy_(keys);
            valuePlace.copy_(values);
        }

        _width += count;
        _seen += count;
    }

    /// <summary>Makes room for <paramref name="tokens"/> more per row.</summary>
    internal void Reserve(int tokens)
    {
        var needed = _width + tokens;
        if (needed <= Capacity)
            return;
        var capacity = IsPlain ? needed : needed + Math.Max(LeastSpare, _width / 8);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Replace(Larger(_keys, capacity), Larger(_values, capacity));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KvSegment> Read(Tensor? query = null)
    {
        using var scope = NewDisposeScope();
        var marks = _marks;
        var segment = new KvSegment(Keys(), Values())
        {
            Positions = marks is null
                ? PlainPositions().unsqueeze(1)
                : marks.Positions.narrow(2, 0, _width).to(ScalarType.Int64),
            Keep = marks is null ? Real?.unsqueeze(1) : marks.Keep?.narrow(2, 0, _width),
            Counts = marks?.Counts?.narrow(2, 0, _width),
            Rotation = Rotation,
            Mode = Rotation == KeyRotation.Unrotated ? PositionMode.CacheRelative : PositionMode.Original,
        };
        foreach (var tensor in new[] { segment.Keys, segment.Values, segment.Positions })
            tensor.MoveToOuterDisposeScope();
        segment.Keep?.MoveToOuterDisposeScope();
        segment.Counts?.MoveToOuterDisposeScope();
        return [segment];
    }

    /// <inheritdoc/>
    public override LayerCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return new ContiguousLayerCache(
            this,
            buffer => copies == 1 ? buffer.clone() : buffer.repeat_interleave(copies, 0)
        )
        {
            RowBudgets = RowBudgets is null ? null : [.. RowBudgets.SelectMany(b => Enumerable.Repeat(b, copies))],
        };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _keys.Dispose();
        _values.Dispose();
        _marks?.Dispose();
        _scores?.Dispose();
    }

    private void SetScores(Tensor? scores)
    {
        var old = _scores;
        _scores = scores?.DetachFromDisposeScope();
        old?.Dispose();
    }

    private Tensor Allocate(int size) =>
        empty([Shape.Batch, Shape.Heads, Shape.Capacity, size], dtype: ScalarType.Float32, device: Shape.Device)
            .DetachFromDisposeScope();

    private Tensor Larger(Tensor buffer, int capacity)
    {
        var larger = empty([buffer.shape[0], buffer.shape[1], capacity, buffer.shape[3]], device: buffer.device);
        larger.narrow(2, 0, _width).copy_(buffer.narrow(2, 0, _width));
        return larger;
    }

    private void Replace(Tensor keys, Tensor values)
    {
        _keys.Dispose();
        _values.Dispose();
        (_keys, _values) = (keys.DetachFromDisposeScope(), values.DetachFromDisposeScope());
    }
}
