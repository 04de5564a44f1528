namespace Palimpsest.Foundation;

/// <summary>How far long work has come.</summary>
/// <param name="Stage">What is being done, in a few words.</param>
/// <param name="Done">Units finished.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Note">Loss, rate or the like; may be empty.</param>
/// <param name="IsShare">True when the units are parts of the whole work and not things that can be counted, such as
/// steps or rows.</param>
public readonly record struct TaskProgress(string Stage, long Done, long Total, string Note = "", bool IsShare = false);
