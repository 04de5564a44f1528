namespace Palimpsest.Checkpoints;

/// <summary>Settings of <see cref="GgufExport"/>.</summary>
public sealed record GgufExportOptions
{
    /// <summary>How matrices are stored: F32, F16, BF16, Q8_0 or Q4_0.</summary>
    public GgufType Type
    {
        get;
        init =>
            field = GgufEncoder.Writable.Contains(value)
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(Type),
                    value,
                    $"Type must be one of {string.Join(", ", GgufEncoder.Writable)}."
                );
    } = GgufType.F16;

    /// <summary>The model's name within the file; null for the file's own.</summary>
    public string? Name { get; init; }
}
