using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

/// <summary>Every filter, test, method, global and statement of Jinja's documentation, with what Jinja itself
/// gave.</summary>
[Trait("Category", "Golden")]
public sealed class JinjaGoldenTests
{
    private const string RefusedPrefix = "refused ";

    public static TheoryData<string> Groups
    {
        get
        {
            using var golden = Read();
            return [.. golden.RootElement.GetProperty("groups").EnumerateObject().Select(group => group.Name)];
        }
    }

    [Theory, MemberData(nameof(Groups))]
    public void A_template_gives_what_Jinja_gives_or_is_refused_by_name_and_place(string group)
    {
        using var golden = Read();
        var variables = golden.RootElement.GetProperty("variables");
        var wrong = new List<string>();
        foreach (var row in golden.RootElement.GetProperty("groups").GetProperty(group).EnumerateArray())
        {
            var (source, expected) = (row[0].GetString()!, row[1].GetString());
            if (Fault(group, source, expected, variables) is { } fault)
                wrong.Add($"{source}: {fault}");
        }

        Assert.Empty(wrong);
    }

    private static string? Fault(string group, string source, string? expected, JsonElement variables)
    {
        var isRefused = group.StartsWith(RefusedPrefix, StringComparison.Ordinal);
        try
        {
            var template = new ChatTemplate(source, new Dictionary<string, string>()) { Clock = new FixedClock() };
            using var none = JsonDocument.Parse("[]");
            var given = template.Render(none.RootElement, false, variables);
            return !isRefused && given == expected ? null : $"gave {given} in place of {expected ?? "an error"}";
        }
        catch (InputException error)
        {
            var isPlaced = System.Text.RegularExpressions.Regex.IsMatch(error.Message, @"line \d+, column \d+: \S");
            var names = !isRefused || error.Message.Contains(group[RefusedPrefix.Length..], StringComparison.Ordinal);
            var isRight = isPlaced && names && (isRefused || expected is null);
            return isRight ? null : $"said '{error.Message}' in place of {expected ?? "an error with its place"}";
        }
    }

    private static JsonDocument Read() =>
        JsonDocument.Parse(File.ReadAllText(GoldenFolder.Shipped("jinja", "cases.json")));

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 3, 5, 7, 9, 0, TimeSpan.Zero);
    }
}
