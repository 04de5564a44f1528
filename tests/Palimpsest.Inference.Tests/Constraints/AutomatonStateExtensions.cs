namespace Palimpsest.Inference.Tests;

internal static class AutomatonStateExtensions
{
    /// <summary>True when the text so far is the beginning of an allowed one.</summary>
    public static bool CanGoOn(this AutomatonState state) => state.CanEnd || state.Threads.Length > 0;
}
