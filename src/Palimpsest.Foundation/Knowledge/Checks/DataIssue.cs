namespace Palimpsest.Foundation;

/// <summary>A finding about a file of rows or facts.</summary>
/// <param name="File">The file.</param>
/// <param name="Row">The row from 1; null for the file as a whole.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">What is wrong and what would be right, with its full stop.</param>
public sealed record DataIssue(string File, int? Row, DataSeverity Severity, string Message)
{
    /// <summary>The finding in one line.</summary>
    public override string ToString() =>
        Row is { } row ? FormattableString.Invariant($"{File}, row {row}: {Message}") : $"{File}: {Message}";
}
