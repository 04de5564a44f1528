namespace Palimpsest.Foundation;

/// <summary>How much a finding about data matters.</summary>
public enum DataSeverity
{
    /// <summary>A measurement would be refused or say something else than it means.</summary>
    Error,

    /// <summary>It can be measured, and less well than it could.</summary>
    Warning,
}
