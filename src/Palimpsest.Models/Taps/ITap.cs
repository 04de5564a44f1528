namespace Palimpsest.Models;

/// <summary>Reads or replaces an activation at named points.</summary>
/// <remarks>The activation is disposed when the block is done: who keeps it keeps an alias outside the dispose
/// scope.</remarks>
public interface ITap
{
    /// <summary>True where <see cref="Apply"/> is to be called.</summary>
    bool AppliesTo(int layer, TapPoint point);

    /// <summary>Returns the activation to go on with: <paramref name="activation"/> itself, or another of its
    /// shape.</summary>
    Tensor Apply(Tensor activation, in TapContext context);
}
