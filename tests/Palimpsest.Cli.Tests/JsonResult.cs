using System.Text.Json;

namespace Palimpsest.Cli.Tests;

/// <summary>What holds of everything that is written as a result: no NaN, null numbers say why, and a rate stands with
/// its n and its interval.</summary>
internal static class JsonResult
{
    private const string Suffix = "_reason";

    /// <summary>Numbers with a fraction that are no measured rates, and why.</summary>
    private static readonly Dictionary<string, string> NoRates = new(StringComparer.Ordinal)
    {
        ["chance"] = "of a guess: one over the number of answers",
        ["scores"] = "log-likelihoods in nats",
        ["margin"] = "nats, or a setting",
        ["perplexity"] = "of tokens, whose number stands beside it",
        ["mean_nll"] = "of tokens, whose number stands beside it",
        ["final_loss"] = "of one batch",
        ["seconds"] = "a clock's",
        ["relative_norm"] = "exact, of all weights",
        ["max_absolute"] = "exact, of all weights",
        ["cosine"] = "exact, of all weights",
        ["share"] = "exact, of all parameters",
        ["thresholds"] = "settings",
        ["before"] = "of the facts of the value beside it",
        ["gain"] = "of the facts of the value beside it",
        ["original_after"] = "of the facts of the value beside it",
        ["retrained_after"] = "of the facts of the value beside it",
        ["privacy_leakage"] = "in percent; TOFU's privleak has its interval",
        ["guess_rate"] = "of a guess",
        ["recovery_of_all"] = "a quotient of differences of rates beside it",
        ["reasoning_gain"] = "a difference of two rates beside it",
        ["gain_by_mode"] = "differences of two rates beside it",
        ["single_against_seed"] = "a p-value",
        ["truth_ratios"] = "one of each row",
        ["membership_roc"] = "points of a curve",
        ["sections"] = "drawings of levels that stand in the finding",
    };

    /// <summary>What is null without being a number that is missing.</summary>
    private static readonly HashSet<string> NoNumbers = new(StringComparer.Ordinal)
    {
        "adapter",
        "base_model",
        "component",
        "data",
        "expert",
        "experts",
        "folded_under",
        "key_id",
        "layer",
        "not_made",
        "path",
        "plan",
        "predicate_type",
        "requests",
        "sliding_window",
    };

    /// <summary>Checks a result.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The result.</returns>
    public static JsonElement Require(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        var faults = Faults(root, "$", isListed: false).ToArray();
        Assert.True(faults.Length == 0, string.Join('\n', faults.Take(40)));
        return root;
    }

    private static IEnumerable<string> Faults(JsonElement element, string path, bool isListed) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(property => FaultsOf(element, property, $"{path}.{property.Name}", isListed)),
            JsonValueKind.Array => element
                .EnumerateArray()
                .SelectMany((item, i) => Faults(item, $"{path}[{i}]", isListed)),
            JsonValueKind.String when element.GetString() is "NaN" or "Infinity" or "-Infinity" =>
            [
                $"{path}: no number",
            ],
            JsonValueKind.Number when !isListed && element.GetRawText().AsSpan().ContainsAny(".eE") =>
            [
                $"{path}: {element} has neither n and interval nor a place in the list of what is no rate",
            ],
            _ => [],
        };

    private static IEnumerable<string> FaultsOf(JsonElement owner, JsonProperty property, string path, bool isListed)
    {
        var (name, value) = (property.Name, property.Value);
        if (
            name.EndsWith(Suffix, StringComparison.Ordinal)
            && owner.TryGetProperty(name[..^Suffix.Length], out var told)
        )
            return HasNull(told) && value.GetString() is { Length: > 0 } ? [] : [$"{path}: a reason for what is there"];
        if (value.ValueKind == JsonValueKind.Null && !owner.TryGetProperty(name + Suffix, out _))
            return NoNumbers.Contains(name) ? [] : [$"{path}: null without a reason"];
        if (value.ValueKind == JsonValueKind.Number && IsMeasured(owner, name))
            return [];
        // A report has a number 'recovery', a finding a measurement of that name.
        var isNumber = name == "recovery" && value.ValueKind == JsonValueKind.Number;
        return Faults(value, path, isListed || isNumber || NoRates.ContainsKey(name));
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
