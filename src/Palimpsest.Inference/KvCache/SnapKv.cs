namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="SnapKv"/>.</summary>
public record SnapKvOptions
{
    /// <summary>Entries per head that stay of a prompt: a share of it, or tokens. The window is among them.</summary>
    public KvBudget Budget { get; init; } = KvBudget.OfTokens(1024);

    /// <summary>Last tokens of the prompt that vote and stay, at least 1.</summary>
    public int Window
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Width of the pooling over neighbours, odd.</summary>
    public int Kernel
    {
        get;
        init =>
            field =
                value >= 1 && value % 2 == 1
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(Kernel), value, "Kernel must be odd and >= 1.");
    } = 5;

    /// <summary>Whether the largest neighbour counts, or their mean.</summary>
    public bool MaxPooling { get; init; }
}

/// <summary>The last tokens of a prompt vote, head by head, for the entries that stay. Li et al. 2024,
/// arXiv:2404.14469.</summary>
/// <remarks>
/// score_j = mean over the group's queries of pool_j(mean over the window of softmax(q·k)_j) for the tokens before the
/// window. The authors pool by the maximum over 7, KVCache-Factory and kvpress by the mean over 5, which is the
/// default.
/// A prompt of at most the budget is left alone. While decoding, entries are only added.
/// </remarks>
public sealed class SnapKv(SnapKvOptions options) : IKvPolicy
{
    private const double Newest = 2; // above every vote

    /// <inheritdoc/>
    public string Id => "snapkv";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => false;

    /// <inheritdoc/>
    public int ObservedQueries => options.Window;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) =>
        phase == KvPhase.PrefillEnd ? new(LastRows: options.Window) : default;

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase != KvPhase.PrefillEnd)
            return;
        EntrySelection.CutDown(
            pass,
            [.. pass.RealTokens.Select(options.Budget.Of)],
            segment => Scores(pass.Observed.LastRows!, segment)
        );
    }

    /// <summary>Votes of the window's queries [B, H, rows, S] → scores [B, Hkv, S]; the window is above all, the
    /// newest highest.</summary>
    internal Tensor Scores(Tensor rows, KvSegment segment)
    {
        using var scope = NewDisposeScope();
        var window = Math.Min(options.Window, segment.Width);
        var before = segment.Width - window;
        var newest = arange(segment.Width, ScalarType.Float32, device: rows.device).narrow(0, before, window);
        var stay = (newest / segment.Width + Newest).expand(rows.shape[0], segment.Keys.shape[1], window);
        if (before == 0)
            return stay.MoveToOuterDisposeScope();
        var votes = rows.narrow(3, 0, before).mean([2]); // [B, H, S - window]
        var pooled = options.MaxPooling
            ? nn.functional.max_pool1d(votes, options.Kernel, 1, options.Kernel / 2)
            : nn.functional.avg_pool1d(votes, options.Kernel, 1, options.Kernel / 2);
        return cat([EntrySelection.ByKeyValueHead(pooled, segment), stay], -1).MoveToOuterDisposeScope();
    }
}
