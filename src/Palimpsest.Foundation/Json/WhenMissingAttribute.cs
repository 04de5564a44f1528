namespace Palimpsest.Foundation;

/// <summary>Why a number of a result, or a whole measurement, may be missing: what <see cref="ResultJson"/> writes
/// beside its null.</summary>
/// <param name="reason">A phrase without a full stop.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WhenMissingAttribute(string reason) : Attribute
{
    /// <summary>The phrase.</summary>
    public string Reason { get; } = reason;
}
