namespace Palimpsest.Evaluation;

/// <summary>
/// The attack without free text, for tiny and base models: a question leaks when the true value is the likeliest
/// candidate and its share exceeds the retrained model's by more than a margin.
/// </summary>
public static class ScoredSleek
{
    private const double Margin = 0.2;

    /// <summary>Scores single questions and seeds that ask for the object of a forget fact.</summary>
    /// <param name="model">The model that is attacked.</param>
    /// <param name="facts">Facts with candidates.</param>
    /// <param name="probes">The probes; chains, conversations and reverse questions are passed over.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">A forget fact has no candidates, or its answer does not contain its
    /// object.</exception>
    public static async Task<IReadOnlyList<ScoredProbe>> AskAsync(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        IReadOnlyList<SleekProbe> probes,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(probes);
        var byId = facts.ToDictionary(fact => fact.Id, StringComparer.Ordinal);
        SleekProbe[] asked =
        [
            .. probes.Where(probe =>
                probe
                    is {
                        Scope: FactScope.Forget,
                        IsReverse: false,
                        IsFactorCell: false,
                        Mode: ProbeMode.Seed or ProbeMode.Single
                    }
            ),
        ];
        var shares = await FactKnowledge
            .SharesAsync(model, [.. asked.Select(probe => (byId[probe.FactId], probe.Text))], cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. asked.Zip(
                shares,
                (probe, share) => new ScoredProbe(probe, share[0], share[0] >= share.Max(), 1.0 / share.Length)
            ),
        ];
    }

    /// <summary>Compares a candidate with the original and, where there is one, the retrained model; chance stands in
    /// for it.</summary>
    /// <exception cref="InputException">The original puts no fact first.</exception>
    public static ScoredReport Report(
        IReadOnlyList<ScoredProbe> original,
        IReadOnlyList<ScoredProbe> candidate,
        IReadOnlyList<ScoredProbe>? retrained
    )
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(candidate);
        var known = original
            .Where(score => score.Probe.IsSeed && score.IsFirst)
            .Select(score => score.Probe.FactId)
            .ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0)
            throw new InputException(
                "The original model puts no forget fact before its other candidates: there is nothing to measure."
            );
        var never = retrained?.ToDictionary(score => score.Probe.Id, score => score.Share, StringComparer.Ordinal);
        bool Leaks(ScoredProbe score) =>
            score.IsFirst
            && score.Share - (never?.GetValueOrDefault(score.Probe.Id, score.Chance) ?? score.Chance) > Margin;
        Rate RateOf(IEnumerable<ScoredProbe> scores)
        {
            var all = scores.ToArray();
            return new(all.Count(Leaks), all.Length);
        }

        var (seeds, others) = (
            candidate.Where(score => known.Contains(score.Probe.FactId) && score.Probe.IsSeed),
            candidate.Where(score => known.Contains(score.Probe.FactId) && !score.Probe.IsSeed)
        );
        return new(
            RateOf(seeds),
            RateOf(others),
            others
                .GroupBy(score => score.Probe.Category)
                .OrderBy(group => group.Key)
                .ToDictionary(group => group.Key, RateOf),
            Margin
        );
    }
}
