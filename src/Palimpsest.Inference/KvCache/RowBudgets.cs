namespace Palimpsest.Inference;

/// <summary>Budgets that are fixed when a prompt has been read.</summary>
internal static class RowBudgets
{
    /// <summary>Entries that a policy which looks at keys alone leaves each row in this pass; null where it does not
    /// act.</summary>
    /// <param name="pass">Where the cache is.</param>
    /// <param name="budget">Entries that stay.</param>
    /// <param name="atSteps">Whether it acts after every token; the budget is then that of the first prompt.</param>
    public static IReadOnlyList<int>? At(KvPass pass, KvBudget budget, bool atSteps)
    {
        if (pass.Phase == KvPhase.PrefillChunk)
            return null;
        if (atSteps)
            return Of((ContiguousLayerCache)pass.Cache, pass, budget)?.Select(row => row.Entries).ToArray();
        return pass.Phase == KvPhase.PrefillEnd ? [.. pass.RealTokens.Select(budget.Of)] : null;
    }

    /// <summary>The budgets of a layer's rows; null while a share of a prompt is not known yet.</summary>
    /// <param name="cache">Keeps them.</param>
    /// <param name="pass">Says how many tokens each row has.</param>
    /// <param name="budget">Entries that stay, beside the recent ones.</param>
    /// <param name="recent">Newest entries that always stay; null for none.</param>
    public static IReadOnlyList<RowBudget>? Of(
        ContiguousLayerCache cache,
        KvPass pass,
        KvBudget budget,
        KvBudget? recent = null
    )
    {
        var known = budget.Tokens > 0 && recent is null or { Tokens: > 0 };
        if (cache.RowBudgets is null && (known || pass.Phase != KvPhase.PrefillChunk))
            cache.RowBudgets =
            [
                .. pass.RealTokens.Select(tokens =>
                {
                    var newest = recent?.Of(tokens) ?? 0;
                    return new RowBudget(budget.Of(tokens) + newest, newest);
                }),
            ];
        return cache.RowBudgets;
    }
}
