namespace Palimpsest.Unlearning;

/// <summary>Settings of alternate preference optimisation.</summary>
public sealed record AltPoOptions : ForgetOptions
{
    /// <summary>Inverse temperature β, in (0, 100].</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 0.1;
}

/// <summary>
/// Prefers plausible false answers from the same domain to the true one, with the loss of <see cref="Dpo"/> and a
/// retain NLL. Mekala et al. 2024, arXiv:2409.13474.
/// </summary>
/// <remarks>
/// Each other answer is a row of its own, so that with five to a question, as published, an epoch over the forget rows
/// is five times as long; <c>dpo-rt</c> draws one of them for each row.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class AltPo(AltPoOptions options) : IUnlearningMethod
{
    private readonly Unlearner _unlearner = new("altpo", new Dpo(new() { Beta = options.Beta }), options);

    /// <inheritdoc/>
    public string Id => _unlearner.Id;

    /// <inheritdoc/>
    public bool ReadsRetain => _unlearner.ReadsRetain;

    /// <inheritdoc/>
    public IReadOnlyList<string> RefusedSettings => _unlearner.RefusedSettings;

    /// <inheritdoc/>
    /// <exception cref="InputException">Rows are missing, or another answer is the true one.</exception>
    public Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        UnlearnChecks.Require(job, Id, ReadsRetain);
        UnlearnChecks.RequireAlternates(job, Id);
        RequireFalse(job);
        var pairs = job.Forget.Zip(job.Alternates).SelectMany(pair => pair.Second.Select(other => (pair.First, other)));
        var (forget, alternates) = (new List<TokenSequence>(), new List<IReadOnlyList<TokenSequence>>());
        foreach (var (row, other) in pairs)
        {
            forget.Add(row);
            alternates.Add([other]);
        }

        return _unlearner.RunAsync(job with { Forget = forget, Alternates = alternates }, progress, cancellationToken);
    }

    private void RequireFalse(UnlearnJob job)
    {
        for (var row = 0; row < job.Forget.Count; row++)
        {
            for (var other = 0; other < job.Alternates[row].Count; other++)
            {
                if (job.Alternates[row][other].Ids.AsSpan().SequenceEqual(job.Forget[row].Ids))
                    throw new InputException(
                        $"Other answer {other} to forget row {row} is the true one; method '{Id}' needs false ones."
                    );
            }
        }
    }
}
