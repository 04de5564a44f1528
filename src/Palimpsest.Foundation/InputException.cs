namespace Palimpsest.Foundation;

/// <summary>
/// Bad input: one line that names the file, the field or row, the value and what is allowed. Programs print it without
/// a stack trace and exit with 2.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>An error with its one-line message.</summary>
    public InputException(string message)
        : base(message) { }

    /// <summary>An error with its one-line message and what led to it.</summary>
    public InputException(string message, Exception inner)
        : base(message, inner) { }
}
