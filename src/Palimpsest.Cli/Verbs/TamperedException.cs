namespace Palimpsest.Cli.Verbs;

/// <summary>An audit that would differ from its plan, and is not made.</summary>
internal sealed class TamperedException(string message) : Exception(message);
