namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="MiKv"/>.</summary>
public sealed record MiKvOptions
{
    private static readonly int[] Widths = [2, 3, 4, 8];

    /// <summary>The share of the entries that stays in full, in (0, 1].</summary>
    public double Important
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.2;

    /// <summary>The share of those that are the newest; the others have drawn most attention. In [0, 1].</summary>
    public double Recent
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.5;

    /// <summary>Bits of a code of the other entries: 2, 3, 4 or 8.</summary>
    public int Bits
    {
        get;
        init =>
            field = Widths.Contains(value)
                ? value
                : throw new ArgumentOutOfRangeException(nameof(Bits), value, "Bits must be 2, 3, 4 or 8.");
    } = 2;

    /// <summary>Channels that share a scale and a minimum, a multiple of 4, of 8 for three bits; none for half of the
    /// head size.</summary>
    public int? Group
    {
        get;
        init =>
            field =
                value is null || (value >= 4 && value % 4 == 0)
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(Group), value, "Group must be a multiple of 4.");
    }

    /// <summary>Whether channels in which keys are large are made smaller before they become codes.</summary>
    public bool Balancer { get; init; } = true;

    /// <summary>Whether as many entries stay in full as at the end of the prompt, and not a share of all.</summary>
    public bool FixedLength { get; init; }
}

/// <summary>Entries that others would drop are held as codes of few bits. Yang et al. 2024, arXiv:2402.18096.</summary>
/// <remarks>
/// The floor(r · S) important entries, half of them the newest and half those of most attention so far, are in
/// float32; all others are codes per token and group of channels, lo + s · code with s = (max − min) / (2^bits −
/// 1). Keys are balanced before: k_c · b_c with b_c = √(max |q_c| / max |k_c|) over the prompt, so that outliers of
/// the keys move into the queries. What has become a code is never in full again. The importance cache is not held in
/// fewer bits.
/// </remarks>
public sealed class MiKv(MiKvOptions options) : IKvPolicy
{
    private const string LargestQuery = "mikv: largest query"; // [B, Hkv, Dh]
    private const string Length = "mikv: important entries"; // [B]

    /// <inheritdoc/>
    public string Id => "mikv";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Storage;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public void Check(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var group = options.Group ?? config.HeadSize / 2;
        var multiple = options.Bits == 3 ? 8 : 4;
        if (group == 0 || config.HeadSize % group != 0 || config.HeadSize % multiple != 0)
            throw new InputException(
                $"mikv: groups of {group} channels do not divide the model's head size of {config.HeadSize}, or "
                    + $"codes of {options.Bits} bits do not fill whole bytes of it."
            );
    }

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new MiKvLayerCache(shape, new(options.Bits, options.Group ?? shape.HeadSize / 2));
    }

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => new(ColumnSums: true);

    /// <inheritdoc/>
    public void Observe(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        using var scope = NewDisposeScope();
        var cache = (MiKvLayerCache)pass.Cache;
        var sums = pass.Observed.ColumnSums!;
        var heads = cache.Shape.Heads;
        var mean = sums.view(sums.shape[0], heads, sums.shape[1] / heads, sums.shape[2]).mean([2]);
        cache.AddScores(mean);
        if (pass.Phase == KvPhase.Step || !options.Balancer || cache.Balance is not null)
            return;
        var asked = (pass.Query.Rotated ?? pass.Query.Unrotated).abs();
        if (pass.Query.Real is { } real)
            asked = asked * real.unsqueeze(1).unsqueeze(-1);
        var largest = asked.amax([2]).view(asked.shape[0], heads, -1, asked.shape[3]).amax([2]);
        cache.Notes.Set(LargestQuery, cache.Notes.Find(LargestQuery) is { } old ? maximum(old, largest) : largest);
    }

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase == KvPhase.PrefillChunk)
            return;
        using var scope = NewDisposeScope();
        var cache = (MiKvLayerCache)pass.Cache;
        int[] important = [.. cache.Held().Select(held => (int)(held * options.Important + 1e-9))];
        if (options.FixedLength)
        {
            if (cache.Notes.Find(Length) is null)
                cache.Notes.Set(Length, tensor(important.Select(count => (long)count).ToArray()));
            important = [.. cache.Notes.Find(Length)!.data<long>().Select(count => (int)count)];
        }

        if (options.Balancer && cache.Balance is null && cache.Notes.Find(LargestQuery) is { } largest)
        {
            cache.SetBalance(largest);
            cache.Notes.Remove(LargestQuery);
        }

        cache.Demote([.. important.Select(count => new RowBudget(count, (int)(count * options.Recent + 1e-9)))]);
    }
}
