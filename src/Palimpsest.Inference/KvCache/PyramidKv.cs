namespace Palimpsest.Inference;

/// <summary>How <see cref="PyramidKv"/> divides a budget among layers.</summary>
public enum PyramidAllocation
{
    /// <summary>As the authors' code does: whole steps from layer to layer, the window beside them.</summary>
    Authors,

    /// <summary>As kvpress does: the window is among a layer's entries, and sizes that do not fall are
    /// uniform.</summary>
    Kvpress,
}

/// <summary>Settings of <see cref="PyramidKv"/>.</summary>
public sealed record PyramidKvOptions : SnapKvOptions
{
    /// <summary>How steep the pyramid is: the last layer's share of an even budget is one over it, at least
    /// 1.</summary>
    public int Beta
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 20;

    /// <summary>Which code's rounding and which meaning of the window.</summary>
    public PyramidAllocation Allocation { get; init; }
}

/// <summary>SnapKV's vote with more entries in lower layers. Cai et al. 2024, arXiv:2406.02069.</summary>
/// <remarks>
/// B = budget − window, least = B / beta, most = 2B − least; where most exceeds the prompt before the window it is
/// cut to that and least is 2B − most. Layer l of L keeps most − l · (most − least) / (L − 1) voted entries
/// and the window. A prompt of fewer than 2B tokens has the same budget in every layer, one of at most the budget is
/// left alone.
/// </remarks>
public sealed class PyramidKv(PyramidKvOptions options) : IKvPolicy
{
    private readonly SnapKv _vote = new(options);

    /// <inheritdoc/>
    public string Id => "pyramidkv";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => false;

    /// <inheritdoc/>
    public int ObservedQueries => options.Window;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => _vote.Wants(phase, layer);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase == KvPhase.PrefillEnd)
            EntrySelection.CutDown(
                pass,
                [.. pass.RealTokens.Select(tokens => EntriesOf(pass.Layer, pass.Layers, tokens))],
                segment => _vote.Scores(pass.Observed.LastRows!, segment)
            );
    }

    /// <summary>Entries that a layer keeps of a prompt, the window among them.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="tokens">Tokens of the prompt.</param>
    internal int EntriesOf(int layer, int layers, long tokens)
    {
        var budget = options.Budget.Of(tokens);
        if (tokens <= budget)
            return budget;
        return options.Allocation == PyramidAllocation.Authors
            ? ByAuthors(budget, layer, layers, tokens)
            : ByKvpress(budget, layer, layers, tokens);
    }

    private int ByAuthors(int budget, int layer, int layers, long tokens)
    {
        var even = (long)Math.Max(0, budget - options.Window);
        if (tokens < 2 * even)
            return budget;
        var least = even / options.Beta;
        var most = 2 * even - least;
        if (most >= tokens - options.Window)
        {
            most = tokens - options.Window;
            least = 2 * even - most;
        }

        var step = (most - least) / Math.Max(1, layers - 1);
        return (int)(most - layer * step) + options.Window;
    }

    private int ByKvpress(int budget, int layer, int layers, long tokens)
    {
        var least = (double)budget / options.Beta;
        var most = 2.0 * budget - least;
        if (most >= tokens - options.Window)
        {
            most = tokens - options.Window;
            least = 2.0 * budget - most;
        }

        if (most > tokens || most < least || least < options.Window)
            return budget;
        return (int)Math.Round(most - layer * (most - least) / Math.Max(1, layers - 1));
    }
}
