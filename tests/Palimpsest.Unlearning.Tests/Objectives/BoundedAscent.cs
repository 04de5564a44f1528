using static TorchSharp.torch;

namespace Palimpsest.Unlearning.Tests;

/// <summary>Settings of bounded ascent.</summary>
public sealed record BoundedAscentOptions : ForgetOptions
{
    /// <summary>The NLL per token τ from which on an answer counts as forgotten, in nats, above 0.</summary>
    public double Bound
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 4;
}

/// <summary>Ascent that ends where an answer is unlikely enough: mean max(0, τ − NLL / n).</summary>
/// <param name="options">Settings.</param>
public sealed class BoundedAscent(BoundedAscentOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        var rows = step.Forget!;
        var left = options.Bound - rows.SequenceNll / rows.SequenceCount; // [B]
        return left.clamp_min(0).mean().MoveToOuterDisposeScope();
    }
}
