namespace Palimpsest.Foundation;

/// <summary>What data are good for, and what is wrong with them.</summary>
/// <param name="Files">The files.</param>
/// <param name="Uses">What they enable, and what they do not.</param>
/// <param name="Issues">What was found, errors first, in the files' order.</param>
public sealed record DataReport(
    IReadOnlyList<DataFile> Files,
    IReadOnlyList<DataUse> Uses,
    IReadOnlyList<DataIssue> Issues
)
{
    /// <summary>Number of errors.</summary>
    public int Errors => Issues.Count(issue => issue.Severity == DataSeverity.Error);

    /// <summary>Number of warnings.</summary>
    public int Warnings => Issues.Count - Errors;
}
