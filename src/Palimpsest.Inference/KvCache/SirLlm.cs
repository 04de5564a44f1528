namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="SirLlm"/>.</summary>
public sealed record SirLlmOptions
{
    /// <summary>First entries that always stay, from 0.</summary>
    public int Sinks
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 4;

    /// <summary>Room for the most surprising entries, from 0.</summary>
    public int Surprising
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 508;

    /// <summary>Room for the newest entries, from 0.</summary>
    public int Recent
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>What surprise is multiplied by whenever a round begins, in (0, 1].</summary>
    public double Decay
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.7;
}

/// <summary>Tokens that surprised the model stay, and their weight fades round by round. Yao et al. 2024,
/// arXiv:2405.12528.</summary>
/// <remarks>
/// e_i = −log p(x_i | all before), the first token of a text has its prompt's largest. Before L tokens come, and
/// there is no room for them among C = sinks + recent + surprising, stay the sinks, the surprising − L most
/// surprising, and the newest, C − L in all; what exceeds C after a long prompt leaves by the same rule. A round
/// begins with each prompt. All layers and heads hold the same; positions are counted inside the cache. The authors'
/// code takes the probability of another token than the paper and is not followed.
/// </remarks>
public sealed class SirLlm : IKvPolicy
{
    private readonly SirLlmOptions _options;

    /// <summary>A policy with these settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is room for fewer than 2 entries beside the
    /// sinks.</exception>
    public SirLlm(SirLlmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        if (options.Surprising + options.Recent < 2)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.Surprising,
                "Surprising and recent must be at least 2 together."
            );
    }

    /// <inheritdoc/>
    public string Id => "sirllm";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public bool BoundsPositions => true;

    /// <inheritdoc/>
    public bool WantsSurprise => true;

    private int Capacity => _options.Sinks + _options.Surprising + _options.Recent;

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) => new ContiguousLayerCache(shape, config);

    /// <inheritdoc/>
    public void BeforePass(Models.KvCache cache, IReadOnlyList<int> coming, bool beginsRound)
    {
        ArgumentNullException.ThrowIfNull(cache);
        using var scope = NewDisposeScope();
        if (((ContiguousLayerCache)cache[0]).Scores is not { } scores)
            return;
        CutDown(cache, scores, coming);
        if (beginsRound)
        {
            var first = (ContiguousLayerCache)cache[0];
            first.Scores = first.Scores! * _options.Decay;
        }
    }

    /// <inheritdoc/>
    public void AfterPass(Models.KvCache cache, KvPhase phase, Tensor surprise)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(surprise);
        using var scope = NewDisposeScope();
        var first = (ContiguousLayerCache)cache[0];
        var count = surprise.shape[1];
        var scores = first.Scores is { } old
            ? cat([old.narrow(2, 0, first.Width - count), surprise.unsqueeze(1)], 2)
            : surprise.unsqueeze(1);
        first.Scores = scores;
        CutDown(cache, scores, new int[cache.Batch]);
    }

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass) { }

    /// <summary>Places that stay of entries with these scores, ascending, before some tokens come.</summary>
    internal int[] Stay(IReadOnlyList<float> scores, int coming)
    {
        if (scores.Count + coming <= Capacity)
            return [.. Enumerable.Range(0, scores.Count)];
        var room = Math.Max(Math.Min(_options.Sinks, scores.Count), Capacity - coming);
        var all = Enumerable.Range(0, scores.Count);
        var stay = new SortedSet<int>(all.Take(_options.Sinks));
        stay.UnionWith(all.OrderByDescending(place => scores[place]).Take(Math.Max(0, _options.Surprising - coming)));
        for (var place = scores.Count - 1; place >= 0 && stay.Count < room; place--)
            stay.Add(place);
        return [.. stay];
    }

    private void CutDown(Models.KvCache cache, Tensor scores, IReadOnlyList<int> coming)
    {
        var segment = cache[0].ReadAsOne();
        if (!EntrySelection.Held(segment).Zip(coming).Any(row => row.First + row.Second > Capacity))
            return;
        var (batch, width) = (cache.Batch, segment.Width);
        var numbers = scores.cpu().contiguous().data<float>().ToArray();
        var keep = (segment.Keep ?? ones([1, 1, 1], ScalarType.Bool)).expand(batch, 1, width);
        var counted = keep.cpu().contiguous().data<bool>().ToArray();
        var stays = new bool[numbers.Length];
        for (var row = 0; row < batch; row++)
        {
            int[] columns = [.. Enumerable.Range(row * width, width).Where(column => counted[column])];
            foreach (var place in Stay([.. columns.Select(column => numbers[column])], coming[row]))
                stays[columns[place]] = true;
        }

        var all = arange(width, device: scores.device).expand(batch, 1, width);
        var edit = EntrySelection.Compact(tensor(stays, [batch, 1, width], device: scores.device), all);
        for (var layer = 0; layer < cache.Layers; layer++)
            cache[layer].Apply(edit);
    }
}
