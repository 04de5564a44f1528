namespace Palimpsest.Foundation;

/// <summary>Something that data can be used for.</summary>
/// <param name="Name">What, as commands call it.</param>
/// <param name="Possible">Whether the data suffice.</param>
/// <param name="Note">With what, or what is lacking; without a full stop.</param>
public sealed record DataUse(string Name, bool Possible, string Note);
