namespace Palimpsest.Unlearning;

/// <summary>Asks stop rules after every few steps; the first that says so ends the run.</summary>
internal sealed class StopRules(IReadOnlyList<IStopRule> rules, int every) : ITrainExtension
{
    /// <summary>Why the run was ended, or null.</summary>
    public string? Reason { get; private set; }

    /// <inheritdoc/>
    public string Fingerprint =>
        rules.Count == 0 ? "no stop" : $"stop every {every}: {string.Join(", ", rules.Select(r => r.Fingerprint))}";

    /// <inheritdoc/>
    public bool AfterStep(ITrainable model, TrainProgress progress)
    {
        if (rules.Count == 0 || progress.Step % every != 0)
            return false;
        foreach (var rule in rules)
            Reason ??= rule.Check((CausalLM)model, progress);
        return Reason is not null;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        rules.SelectMany((rule, i) => rule.State().Select(state => ($"{i}/{state.Name}", state.Value)));

    /// <inheritdoc/>
    public void LoadState(Func<string, Tensor> read)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var place = i;
            rules[i].LoadState(name => read($"{place}/{name}"));
        }
    }
}
