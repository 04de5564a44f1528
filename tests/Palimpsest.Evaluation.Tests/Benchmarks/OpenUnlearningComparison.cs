using System.Text.Json;

namespace Palimpsest.Evaluation.Tests;

/// <summary>Compares two files of open-unlearning's evaluator: the same members in the same kinds, numbers within its
/// tolerances.</summary>
internal sealed class OpenUnlearningComparison
{
    private const double PerItem = 1e-4;
    private const double Aggregate = 1e-3;
    private const double ForgetQualityDecades = 0.05;

    /// <summary>What differs, one line each.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Numbers compared.</summary>
    public int Values { get; private set; }

    /// <summary>Largest difference of two numbers of items.</summary>
    public double Largest { get; private set; }

    /// <summary>Where it was.</summary>
    public string Worst { get; private set; } = "";

    /// <summary>Generated texts compared.</summary>
    public int Texts { get; private set; }

    /// <summary>Those that are equal.</summary>
    public int EqualTexts { get; private set; }

    /// <summary>Compares two documents.</summary>
    public void Compare(JsonElement expected, JsonElement actual) => Compare("", expected, actual);

    private void Compare(string path, JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != actual.ValueKind)
        {
            Faults.Add($"{path} is {actual.ValueKind}, not {expected.ValueKind}");
            return;
        }

        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                Objects(path, expected, actual);
                break;
            case JsonValueKind.Array when expected.GetArrayLength() != actual.GetArrayLength():
                Faults.Add($"{path} has {actual.GetArrayLength()} elements, not {expected.GetArrayLength()}");
                break;
            case JsonValueKind.Array:
                for (var i = 0; i < expected.GetArrayLength(); i++)
                    Compare($"{path}[{i}]", expected[i], actual[i]);
                break;
            case JsonValueKind.Number:
                Numbers(path, expected.GetDouble(), actual.GetDouble());
                break;
            case JsonValueKind.String when expected.GetString() != actual.GetString():
                Faults.Add($"{path} is '{actual}', not '{expected}'");
                break;
        }
    }

    private void Objects(string path, JsonElement expected, JsonElement actual)
    {
        string[] Names(JsonElement of) => [.. of.EnumerateObject().Select(member => member.Name)];
        if (Names(expected).Except(Names(actual)).FirstOrDefault() is { } missing)
            Faults.Add($"{path} lacks '{missing}'");
        if (Names(actual).Except(Names(expected)).FirstOrDefault() is { } added)
            Faults.Add($"{path} has '{added}', which the reference has not");
        var other = false;
        if (expected.TryGetProperty("generation", out var text))
        {
            Texts++;
            other = text.GetString() != actual.GetProperty("generation").GetString();
            EqualTexts += other ? 0 : 1;
        }

        foreach (var member in expected.EnumerateObject())
        {
            if (
                (!other || member.Name is "input" or "ground_truth") && actual.TryGetProperty(member.Name, out var mine)
            )
                Compare($"{path}.{member.Name}", member.Value, mine);
        }
    }

    private void Numbers(string path, double expected, double actual)
    {
        Values++;
        if (path.StartsWith(".forget_quality", StringComparison.Ordinal))
        {
            if (!(Math.Abs(Math.Log10(expected) - Math.Log10(actual)) <= ForgetQualityDecades))
                Faults.Add($"{path} is {actual:g6}, not {expected:g6}");
            return;
        }

        var isItem = path.Contains("value_by_index", StringComparison.Ordinal);
        var difference = Math.Abs(expected - actual) / Math.Max(1, Math.Abs(expected));
        if (!(difference <= (isItem ? PerItem : Aggregate)))
            Faults.Add($"{path} is {actual:g8}, not {expected:g8}");
        if (isItem && difference > Largest)
            (Largest, Worst) = (difference, path);
    }
}
