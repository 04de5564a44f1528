namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="D2o"/>.</summary>
public sealed record D2oOptions
{
    /// <summary>Entries per head that stay on average over the layers: a share of the prompt, or tokens.</summary>
    public KvBudget Budget { get; init; } = KvBudget.OfPrompt(0.2);

    /// <summary>The share of the budget for entries that have drawn most attention, in (0, 1); the rest is for the
    /// newest.</summary>
    public double Heavy
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.75;

    /// <summary>First entries that always stay, from 0.</summary>
    public int Sinks
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 4;

    /// <summary>First layers that keep everything, from 0.</summary>
    public int ExemptFirst
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 2;

    /// <summary>Last layers that keep everything, from 0.</summary>
    public int ExemptLast
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 1;

    /// <summary>Whether layers whose attention is even get more entries; all get the same otherwise.</summary>
    public bool LayerBudgets { get; init; } = true;

    /// <summary>Whether what leaves is merged into what stays.</summary>
    public bool Merges { get; init; } = true;

    /// <summary>Whether only what resembles a survivor more than the threshold is merged.</summary>
    public bool Threshold { get; init; } = true;

    /// <summary>Whether values alone are merged.</summary>
    public bool ValuesOnly { get; init; }

    /// <summary>How it is merged.</summary>
    public D2oRule Rule { get; init; }

    /// <summary>How fast the threshold follows, in [0, 1]. The authors' code has 0.5.</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.7;

    /// <summary>The survivor's own weight beside exp(cosine) of what is merged into it, above 0: Euler's number, or 0.1
    /// in another reading of the paper.</summary>
    public double SelfWeight
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = Math.E;

    /// <summary>Whether the prompt is cut down at the first token after it, as the authors' code does, and not at its
    /// end.</summary>
    public bool AtFirstStep { get; init; }
}
