namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="ExpectedAttention"/>.</summary>
public sealed record ExpectedAttentionOptions
{
    /// <summary>Entries per head that stay of a prompt: a share of it, or tokens.</summary>
    public KvBudget Budget { get; init; } = KvBudget.OfPrompt(0.5);

    /// <summary>Positions after the prompt whose queries are expected, at least 1.</summary>
    public int Future
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 512;

    /// <summary>First tokens that always stay and whose queries do not count, from 0.</summary>
    public int Sinks
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 4;

    /// <summary>Whether the spread of the queries counts beside their mean.</summary>
    public bool Covariance { get; init; } = true;

    /// <summary>Whether weights are multiplied by the length of the values.</summary>
    public bool ValueNorm { get; init; } = true;

    /// <summary>Added to the weights before that, at least 0.</summary>
    public double Epsilon
    {
        get;
        init => field = Require.InRange(value, atLeast: 0);
    }
}

/// <summary>Entries stay that future queries will attend to, as if these were drawn from a Gaussian like the prompt's.
/// Devoto et al. 2025, arXiv:2510.00636.</summary>
/// <remarks>
/// score_j = softmax_j(s · μ·k_j + s² · k_jᵀ Σ k_j / 2) · ‖v_j‖, the mean over the queries of a key-value
/// head, where μ and Σ are the prompt queries' mean and covariance without angles, turned by the mean rotation of the
/// positions to come, and s is the scale of attention. Moments are summed from part to part of a prompt that is read in
/// parts.
/// </remarks>
public sealed class ExpectedAttention(ExpectedAttentionOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public string Id => "expected-attention";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => false;

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase == KvPhase.Step)
            return;
        using var scope = NewDisposeScope();
        using var angles = new PositionAngles(pass.Config, pass.Cache.Shape.Device);
        Collect(pass, angles);
        if (pass.Phase != KvPhase.PrefillEnd)
            return;
        EntrySelection.CutDown(
            pass,
            [.. pass.RealTokens.Select(options.Budget.Of)],
            segment => Scores(pass, segment, angles)
        );
        foreach (var name in new[] { Count, Sum, Squares })
            pass.Cache.Notes.Remove(name);
    }

    private static string Count => "expected-attention: queries";

    private static string Sum => "expected-attention: sum";

    private static string Squares => "expected-attention: squares";

    /// <summary>Adds a pass's queries without their angles.</summary>
    private void Collect(KvPass pass, PositionAngles angles)
    {
        var (query, notes) = (pass.Query, pass.Cache.Notes);
        var (batch, tokens) = (query.Unrotated.shape[0], query.Unrotated.shape[2]);
        var counted = query.Positions.ge(options.Sinks).expand(batch, tokens);
        if (query.Real is { } real)
            counted = counted.logical_and(real);
        var weight = counted.to(ScalarType.Float32);
        var plain = angles.TurnBack(query.Rotated ?? query.Unrotated, query.Positions) * weight.view(batch, 1, -1, 1);
        Add(Count, weight.sum(1));
        Add(Sum, plain.sum(2)); // [B, H, Dh]
        if (options.Covariance)
            Add(Squares, matmul(plain.transpose(2, 3), plain)); // [B, H, Dh, Dh]

        void Add(string name, Tensor part) => notes.Set(name, notes.Find(name) is { } old ? old + part : part);
    }

    private Tensor Scores(KvPass pass, KvSegment segment, PositionAngles angles)
    {
        using var scope = NewDisposeScope();
        var notes = pass.Cache.Notes;
        var count = notes.Find(Count)!.clamp(min: 1).view(-1, 1, 1);
        var mean = notes.Find(Sum)! / count; // [B, H, Dh]
        var ahead =
            tensor(pass.RealTokens.ToArray(), device: mean.device).unsqueeze(1)
            + arange(options.Future, device: mean.device);
        var (heads, scale) = (segment.Keys.shape[1], pass.Config.ScaleOf(pass.Layer));
        var turned = Grouped(angles.RotateByMean(mean.unsqueeze(2), ahead), heads); // [B, Hkv, G, 1, Dh]
        var keys = segment.Keys.unsqueeze(2); // [B, Hkv, 1, S, Dh]
        var logits = matmul(turned, keys.transpose(-1, -2)).squeeze(3) * scale; // [B, Hkv, G, S]
        if (options.Covariance)
        {
            var centred = notes.Find(Squares)! / count.unsqueeze(-1) - mean.unsqueeze(-1) * mean.unsqueeze(-2);
            var half = angles.RotateByMean(centred, ahead).transpose(2, 3);
            var spread = Grouped(angles.RotateByMean(half, ahead), heads); // [B, Hkv, G, Dh, Dh]
            logits = logits + (matmul(keys, spread) * keys).sum(-1) * (scale * scale / 2);
        }

        var hidden = segment.Positions.lt(options.Sinks).unsqueeze(2);
        if (segment.Keep is { } keep)
            hidden = hidden.logical_or(keep.logical_not().unsqueeze(2));
        var scores = logits.masked_fill(hidden, float.MinValue).softmax(-1).mean([2]); // [B, Hkv, S]
        if (options.ValueNorm)
            scores = (scores + options.Epsilon) * linalg.vector_norm(segment.Values, ord: 2, dims: [-1]);
        return scores
            .masked_fill(segment.Positions.lt(options.Sinks), double.PositiveInfinity)
            .MoveToOuterDisposeScope();
    }

    /// <summary>[B, H, X, Dh] → [B, Hkv, G, X, Dh].</summary>
    private static Tensor Grouped(Tensor x, long heads) =>
        x.view(x.shape[0], heads, x.shape[1] / heads, x.shape[2], x.shape[3]);
}
