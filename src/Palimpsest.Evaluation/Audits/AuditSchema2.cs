using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Evaluation;

/// <summary>Reads reports of schema 2, whose benchmark, and whose shares of what was kept, are numbers without
/// intervals and counts.</summary>
internal static class AuditSchema2
{
    /// <summary>The report in today's layout.</summary>
    /// <exception cref="JsonException">It is not of that layout.</exception>
    public static AuditReport Read(JsonElement root)
    {
        var layout = JsonNode.Parse(root.GetRawText());
        Widen(layout?["verdict"], "utility");
        foreach (var finding in layout?["findings"] as JsonArray ?? [])
            Widen(finding, "kept");
        var report = layout.Deserialize<AuditReport>(ResultJson.Format) ?? throw new JsonException("it is null.");
        return report with { SchemaVersion = AuditReport.CurrentSchema, Findings = [.. report.Findings.Select(Now)] };
    }

    /// <summary>Bare numbers as levels of which nothing else is known.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, MeasuredLevel>> Levels(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> summary
    ) =>
        summary.ToDictionary(
            model => model.Key,
            model =>
                (IReadOnlyDictionary<string, MeasuredLevel>)
                    model.Value.ToDictionary(
                        metric => metric.Key,
                        metric => new MeasuredLevel(metric.Value, Interval.None, 0)
                    )
        );

    private static void Widen(JsonNode? owner, string name)
    {
        if (owner is JsonObject fields && fields[name] is JsonValue value && value.TryGetValue(out double number))
            fields[name] = JsonSerializer.SerializeToNode(
                new MeasuredLevel(number, Interval.None, 0),
                ResultJson.Format
            );
    }

    private static AuditFinding Now(AuditFinding finding)
    {
        if (finding.Data is null)
            return finding;
        return finding.Test switch
        {
            TofuTest.TestName => finding with { Data = AuditReport.ToData(Now(finding.Read<Numbers>())) },
            SleekTest.TestName => finding with { Data = AuditReport.ToData(finding.Read<SleekReport>()) },
            _ => finding,
        };
    }

    private static TofuNumbers Now(Numbers old) => new(Levels(old.Summary), old.TruthRatios, old.MembershipRoc);

    private sealed record Numbers(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Summary,
        IReadOnlyDictionary<string, IReadOnlyList<double>> TruthRatios,
        IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<double>>> MembershipRoc
    );
}
