namespace Palimpsest.Evaluation;

/// <summary>Where an audited model comes from and what it was audited with; what a certificate says beside
/// findings.</summary>
public sealed record AuditProvenance
{
    /// <summary>The unlearning method and its settings, by name; empty when they are not known.</summary>
    public IReadOnlyDictionary<string, string> Unlearning { get; init; } = new Dictionary<string, string>();

    /// <summary>Model folders and data files as they were given, by use.</summary>
    public IReadOnlyDictionary<string, string> Paths { get; init; } = new Dictionary<string, string>();

    /// <summary>The audit's own options, by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Hashes of what was measured, by name.</summary>
    public IReadOnlyDictionary<string, string> Hashes { get; init; } = new Dictionary<string, string>();

    /// <summary>Seeds of what was done before the audit and within its tests, by use.</summary>
    public IReadOnlyDictionary<string, ulong> Seeds { get; init; } = new Dictionary<string, ulong>();

    /// <summary>Secret text of the commitment to what was to be forgotten; null makes none. Keep it: with it and the
    /// facts anyone can check the commitment.</summary>
    public string? CommitmentSalt { get; init; }

    /// <summary>Whether the certificate lists the ids of the facts; false when an id would name somebody.</summary>
    public bool ListsIds { get; init; } = true;
}
