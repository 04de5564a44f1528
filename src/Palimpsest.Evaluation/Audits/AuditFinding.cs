using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>What one test found, or why it was not made.</summary>
public sealed record AuditFinding
{
    /// <summary>The test's name.</summary>
    public required string Test { get; init; }

    /// <summary>Which question it answers.</summary>
    public required AuditAxis Axis { get; init; }

    /// <summary>What it saw of the models.</summary>
    public required ModelAccess Access { get; init; }

    /// <summary>Why it was not made; null when it was.</summary>
    public string? NotMade { get; init; }

    /// <summary>How much of the forgotten knowledge it found; null for a test that finds something else.</summary>
    [WhenMissing("the test was not made, or looks for something else than forgotten knowledge")]
    public Recovery? Recovery { get; init; }

    /// <summary>The measured level by model (<c>original</c>, <c>candidate</c>, <c>retrained</c>), on its own
    /// scale.</summary>
    public IReadOnlyDictionary<string, MeasuredLevel> Levels { get; init; } = new Dictionary<string, MeasuredLevel>();

    /// <summary>What was kept, as a share of the original's, which may be above 1; null when the test does not
    /// say.</summary>
    [WhenMissing("the test does not measure what was kept")]
    public MeasuredLevel? Kept { get; init; }

    /// <summary>Privacy leakage of the candidate in percent; null when the test does not say.</summary>
    [WhenMissing("the test does not measure it")]
    public double? PrivacyLeakage { get; init; }

    /// <summary>The test's own part of the report.</summary>
    public IReadOnlyList<AuditSection> Sections { get; init; } = [];

    /// <summary>The test's own numbers, in a layout of its own; null without any.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>The test's own numbers as the type that it wrote.</summary>
    /// <exception cref="InputException">The finding has none, or of another layout.</exception>
    public T Read<T>()
    {
        try
        {
            return (Data is { } data ? data.Deserialize<T>(ResultJson.Format) : default)
                ?? throw new InputException($"The finding '{Test}' has no numbers of its own.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InputException(
                $"The finding '{Test}' is not a {typeof(T).Name}: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }
}
