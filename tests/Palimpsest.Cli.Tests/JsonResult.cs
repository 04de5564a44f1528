using System.Text.Json;

namespace Palimpsest.Cli.Tests;

/// <summary>What holds of everything that is written as a result: no NaN, null numbers say why, and a rate stands with
/// its n and its interval.</summary>
internal static class JsonResult
{
    private const string Suffix = "_reason";

    /// <summary>Numbers with a fraction that are no measured rates, and why.</summary>
    private static readonly Dictionary<string, string> NoRates = new(StringComparer.Ordinal) { };

    /// <summary>What is null without being a number that is missing.</summary>
    private static readonly HashSet<string> NoNumbers = new(StringComparer.Ordinal) { };

    /// <summary>Checks a result.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The result.</returns>
    public static JsonElement Require(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        Assert.Empty(Faults(root, "$", ""));
        return root;
    }

    private static IEnumerable<string> Faults(JsonElement element, string path, string name) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(property => FaultsOf(element, property, name, $"{path}.{property.Name}")),
            JsonValueKind.Array => element.EnumerateArray().SelectMany((item, i) => Faults(item, $"{path}[{i}]", name)),
            JsonValueKind.String when element.GetString() is "NaN" or "Infinity" or "-Infinity" =>
            [
                $"{path}: not JSON's",
            ],
            JsonValueKind.Number when !NoRates.ContainsKey(name) && element.GetRawText().AsSpan().ContainsAny(".eE") =>
            [
                $"{path}: {element} has neither n and interval nor a place in the list of what is no rate",
            ],
            _ => [],
        };

    private static IEnumerable<string> FaultsOf(JsonElement owner, JsonProperty property, string map, string path)
    {
        var (name, value) = (property.Name, property.Value);
        if (
            name.EndsWith(Suffix, StringComparison.Ordinal)
            && owner.TryGetProperty(name[..^Suffix.Length], out var told)
        )
            return HasNull(told) && value.GetString() is { Length: > 0 } ? [] : [$"{path}: a reason for what is there"];
        if (value.ValueKind == JsonValueKind.Null && !owner.TryGetProperty(name + Suffix, out _))
            return NoNumbers.Contains(name) ? [] : [$"{path}: null without a reason"];
        // Maps have the names of what is counted; what they hold is named by the map.
        var isListed = value.ValueKind == JsonValueKind.Number && (IsMeasured(owner, name) || NoRates.ContainsKey(map));
        return isListed ? [] : Faults(value, path, name);
    }

    private static bool HasNull(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => true,
            JsonValueKind.Array => value.EnumerateArray().Any(HasNull),
            JsonValueKind.Object => value.EnumerateObject().Any(property => HasNull(property.Value)),
            _ => false,
        };

    private static bool IsMeasured(JsonElement owner, string name)
    {
        if (name is "low" or "high")
            return owner.TryGetProperty("low", out _) && owner.TryGetProperty("high", out _);
        return name is "value" or "effect"
            && owner.TryGetProperty("n", out _)
            && owner.TryGetProperty("interval", out _);
    }
}
