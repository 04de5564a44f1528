namespace Palimpsest.Inference;

/// <summary>Policies of several stages on one cache, in the order of <see cref="KvStage"/>.</summary>
public sealed class ComposedKvPolicy : IKvPolicy
{
    private readonly IReadOnlyList<IKvPolicy> _parts;

    private ComposedKvPolicy(IReadOnlyList<IKvPolicy> parts) => _parts = parts;

    /// <summary>One policy, or several as one.</summary>
    /// <exception cref="ArgumentException">None is given, or two do not go together.</exception>
    public static IKvPolicy Of(params IReadOnlyList<IKvPolicy> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0)
            throw new ArgumentException("At least one policy must be given.", nameof(parts));
        for (var i = 1; i < parts.Count; i++)
        {
            if (Refusal([.. parts.Take(i)], parts[i]) is { } refusal)
                throw new ArgumentException(refusal, nameof(parts));
        }

        return parts.Count == 1 ? parts[0] : new ComposedKvPolicy(parts);
    }

    /// <summary>Why a policy cannot follow others; null when it can.</summary>
    internal static string? Refusal(IReadOnlyList<IKvPolicy> before, IKvPolicy next)
    {
        foreach (var earlier in before)
        {
            if (earlier.Stage == next.Stage)
                return $"{earlier.Id} and {next.Id} both decide {WhatIsDecided(next.Stage)}: one of them can.";
            if (earlier.Stage > next.Stage)
                return $"{next.Id} comes before {earlier.Id}: entries, merging, channels, then storage.";
            if (earlier.ActsAtSteps)
                return $"{earlier.Id} changes entries at every token, {Remade(next)}.";
            if (earlier.Stage == KvStage.Merging)
                return $"{next.Id} keeps no account of the tokens that {earlier.Id} has made one entry of.";
        }

        return null;
    }

    /// <inheritdoc/>
    public string Id => string.Join('+', _parts.Select(part => part.Id));

    /// <inheritdoc/>
    public KvStage Stage => _parts[^1].Stage;

    /// <inheritdoc/>
    public bool ActsAtSteps => _parts.Any(part => part.ActsAtSteps);

    /// <inheritdoc/>
    public bool BoundsPositions => _parts.All(part => part.BoundsPositions);

    /// <inheritdoc/>
    public int ObservedQueries => _parts.Max(part => part.ObservedQueries);

    /// <inheritdoc/>
    public void Check(DecoderConfig config)
    {
        foreach (var part in _parts)
            part.Check(config);
    }

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) => _parts[^1].NewLayer(shape, config);

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer)
    {
        var wants = _parts.Select(part => part.Wants(phase, layer)).ToArray();
        return new(wants.Any(w => w.ColumnSums), wants.Max(w => w.LastRows));
    }

    /// <inheritdoc/>
    public bool WantsSurprise => _parts.Any(part => part.WantsSurprise);

    /// <inheritdoc/>
    public void BeforePass(Models.KvCache cache, IReadOnlyList<int> coming, bool beginsRound)
    {
        foreach (var part in _parts)
            part.BeforePass(cache, coming, beginsRound);
    }

    /// <inheritdoc/>
    public void AfterPass(Models.KvCache cache, KvPhase phase, Tensor surprise)
    {
        foreach (var part in _parts.Where(part => part.WantsSurprise))
            part.AfterPass(cache, phase, surprise);
    }

    /// <inheritdoc/>
    public void Observe(KvPass pass)
    {
        foreach (var part in _parts)
            part.Observe(pass);
    }

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        foreach (var part in _parts)
            part.AfterAttention(pass);
    }

    /// <summary>What policies of a stage decide, in words.</summary>
    public static string WhatIsDecided(KvStage stage) =>
        stage switch
        {
            KvStage.Entries => "which entries are held",
            KvStage.Merging => "which entries become one",
            KvStage.Channels => "which channels of the keys are held",
            _ => "how entries are stored",
        };

    private static string Remade(IKvPolicy next) =>
        next.Stage switch
        {
            KvStage.Merging => $"and {next.Id} merges them once",
            KvStage.Channels => $"and {next.Id} chooses their channels once",
            _ => $"which rounds the codes of {next.Id} anew",
        };
}
