namespace Palimpsest.Models;

/// <summary>Reads or replaces activations at named sites, in training, scoring and generation alike.</summary>
/// <remarks>
/// The activation is disposed when the block is done: who keeps it keeps an alias outside the dispose scope. A tap is
/// called from the thread of each pass; one that is attached to a model sees passes of several threads at once.
/// </remarks>
public interface ITap
{
    /// <summary>Where <see cref="Apply"/> is to be called; read once, when the tap is attached or given to a
    /// pass.</summary>
    IReadOnlyList<TapSite> Sites { get; }

    /// <summary>Returns the activation to go on with: <paramref name="activation"/> itself, which changes no bit of
    /// the pass, or another of its shape and type.</summary>
    /// <param name="activation">float32, of the shape that the <see cref="TapPoint"/> says; it must not be written
    /// into.</param>
    /// <param name="context">Where the call is.</param>
    Tensor Apply(Tensor activation, in TapContext context);
}
