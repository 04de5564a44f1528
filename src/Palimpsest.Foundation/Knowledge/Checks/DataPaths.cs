namespace Palimpsest.Foundation;

/// <summary>The files of a deletion request; each may be missing, one is needed.</summary>
public sealed record DataPaths
{
    /// <summary>Rows to be forgotten.</summary>
    public string? Forget { get; init; }

    /// <summary>Rows to be kept.</summary>
    public string? Retain { get; init; }

    /// <summary>Rows that no model saw.</summary>
    public string? Holdout { get; init; }

    /// <summary>Facts.</summary>
    public string? Facts { get; init; }
}
