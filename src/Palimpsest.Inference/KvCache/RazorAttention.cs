namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="RazorAttention"/>.</summary>
public sealed record RazorAttentionOptions
{
    /// <summary>The heads that keep everything: the file that 'palimpsest kv heads' writes, or 0:1;2:0, layers and
    /// key-value heads.</summary>
    public string? Heads { get; init; }

    /// <summary>First entries that always stay, from 0.</summary>
    public int Sinks
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 4;

    /// <summary>Newest entries that the other heads keep, at least 1.</summary>
    public int Window
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4000;

    /// <summary>Of prompts that are longer than so many windows, the newest part that is one over this is kept, at
    /// least 1.</summary>
    public int Divisor
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 5;

    /// <summary>Whether what leaves is held as one entry, its mean.</summary>
    public bool Compensation { get; init; } = true;

    /// <summary>Tokens by which the window may be exceeded before it is cut down again, at least 1.</summary>
    public int Trim
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 16;
}

/// <summary>Heads that look far back keep everything; the others keep sinks, a window and one entry for what left. Tang
/// et al. 2024, arXiv:2407.15891.</summary>
/// <remarks>
/// L = max(window, tokens of the prompt / divisor). What leaves becomes its mean, k = Σ k_m / N and v = Σ v_m / N,
/// with log N added to its score; later leavers join it. The heads are found once per model by
/// <see cref="RetrievalHeadSearch"/>, before any question. Keys and values of the others are really freed.
/// </remarks>
public sealed class RazorAttention : IKvPolicy
{
    private const float Always = 1e9f;

    private readonly RazorAttentionOptions _options;
    private readonly RetrievalHeads? _heads;

    /// <summary>A policy with these settings; the file of heads is read here.</summary>
    /// <exception cref="InputException">The file is missing or has another layout.</exception>
    public RazorAttention(RazorAttentionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _heads = options.Heads is null ? null : RetrievalHeads.Parse(options.Heads);
    }

    /// <inheritdoc/>
    public string Id => "razor-attention";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public void Check(DecoderConfig config)
    {
        if (_heads is null)
            throw new InputException(
                "razor-attention: heads is missing; 'palimpsest kv heads --model DIR --out heads.json' finds them."
            );
        _heads.Check(config);
    }

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) => new HeadwiseLayerCache(shape);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase == KvPhase.PrefillChunk)
            return;
        using var scope = NewDisposeScope();
        var cache = (HeadwiseLayerCache)pass.Cache;
        var windows = cache.Notes.Find(Id)?.data<long>().ToArray();
        if (windows is null)
        {
            windows = [.. pass.RealTokens.Select(tokens => Math.Max(_options.Window, tokens / _options.Divisor))];
            cache.Notes.Set(Id, tensor(windows));
        }

        var whole = _heads!.Of(pass.Layer);
        if (whole.Count == cache.Shape.Heads)
            return;
        var others = Enumerable.Range(0, cache.Shape.Heads).Except(whole).Select(head => (long)head).ToArray();
        var spare = pass.Phase == KvPhase.Step ? _options.Trim : 1;
        if (cache.Groups.Count == 0)
        {
            if (!IsOver(cache.ReadAsOne(), windows, spare))
                return;
            cache.Split(
                whole.Count == 0
                    ? [others]
                    :
                    [
                        [.. whole.Select(head => (long)head)],
                        others,
                    ]
            );
        }

        var part = cache.Groups[^1].Part;
        if (IsOver(part.Read()[0], windows, spare))
            Trim(part, windows);
    }

    private bool IsOver(KvSegment segment, long[] windows, int spare) =>
        EntrySelection.Held(segment).Zip(windows).Any(row => row.First >= Most(row.Second) + spare);

    private long Most(long window) => _options.Sinks + window + (_options.Compensation ? 1 : 0);

    /// <summary>Cuts heads down to sinks, the mean of what leaves, and the window.</summary>
    private void Trim(ContiguousLayerCache part, long[] windows)
    {
        var segment = part.Read()[0];
        var (batch, heads, width) = (segment.Keys.shape[0], segment.Keys.shape[1], segment.Width);
        var columns = arange(width, device: segment.Keys.device).view(1, 1, -1);
        var keep = (segment.Keep ?? ones([1, 1, 1], ScalarType.Bool)).expand(batch, 1, width);
        var places = keep.to(ScalarType.Int64).cumsum(-1) - 1;
        var newest = tensor(windows, device: columns.device).view(-1, 1, 1);
        var isLeaving = places.ge(_options.Sinks).logical_and(columns.lt(width - newest)).logical_and(keep);
        var held = EntrySelection.Held(segment);
        var scores = columns
            .to(ScalarType.Float32)
            .expand(batch, 1, width)
            .masked_fill(places < _options.Sinks, Always);
        var edit = EntrySelection.Best(
            scores,
            segment,
            [.. held.Zip(windows, (row, window) => (int)Math.Min(row, Most(window)))]
        );
        if (_options.Compensation)
            edit = edit with { Merge = Mean(segment, edit, isLeaving.expand(batch, heads, width)) };
        part.Apply(edit);
    }

    /// <summary>All that leaves [B, n, S] flows into the newest of it.</summary>
    private static KvMerge Mean(KvSegment segment, KvEdit edit, Tensor isLeaving)
    {
        var width = segment.Width;
        var columns = arange(width, device: isLeaving.device).expand_as(isLeaving);
        var slot = columns.masked_fill(isLeaving.logical_not(), -1).amax([-1], keepdim: true); // [B, n, 1]
        var counts = (segment.Counts ?? ones([1, 1, 1])).expand_as(isLeaving);
        var shares = counts.masked_fill(isLeaving.logical_not(), 0);
        var sum = shares.sum(-1, keepdim: true).clamp(min: 1);
        var place = EntrySelection
            .PlacesOf(edit, width)
            .expand_as(isLeaving)
            .gather(2, slot.clamp(min: 0))
            .clamp(min: 0);
        var index = edit.Index.expand(isLeaving.shape[0], isLeaving.shape[1], edit.Index.shape[2]);
        var isSlot = index.eq(slot);
        var left = counts.gather(2, index);
        return new(columns, place.expand_as(isLeaving), (shares / sum).masked_fill(columns.eq(slot), 0))
        {
            Own = where(isSlot, left / sum, ones_like(left)),
            Counts = where(isSlot, sum.expand_as(left), left),
        };
    }
}
