using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Evaluation;

/// <summary>All metrics of a TOFU evaluation under open-unlearning's names.</summary>
/// <param name="Metrics">By name, for example <c>forget_Q_A_Prob</c>.</param>
public sealed record TofuResult(IReadOnlyDictionary<string, TofuMetric> Metrics)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private static readonly string[] SummaryNames =
    [
        "answer_accuracy",
        "exact_memorization",
        "extraction_strength",
        "forget_Q_A_Prob",
        "forget_Q_A_ROUGE",
        "forget_quality",
        "forget_truth_ratio",
        "mia_gradnorm",
        "mia_loss",
        "mia_min_k",
        "mia_min_k_plus_plus",
        "mia_zlib",
        "model_utility",
        "privleak",
    ];

    /// <summary>A metric.</summary>
    /// <exception cref="KeyNotFoundException">It was not computed.</exception>
    public TofuMetric this[string name] => Metrics[name];

    /// <summary>The aggregates that compare models, with intervals and counts; what was not computed says why. Each
    /// call draws the rows again for the intervals.</summary>
    public IReadOnlyDictionary<string, MeasuredLevel> Summary =>
        SummaryNames.ToDictionary(name => name, name => TofuLevels.Of(name, Find(name)));

    /// <summary>A metric, or null when it was not computed.</summary>
    public TofuMetric? Find(string name) => Metrics.GetValueOrDefault(name);

    /// <summary>Writes TOFU_EVAL.json and TOFU_SUMMARY.json in open-unlearning's layout.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void WriteOpenUnlearning(string folder)
    {
        var all = new JsonObject();
        foreach (
            var (name, metric) in Metrics
                .Where(m => m.Key != "answer_accuracy")
                .OrderBy(m => m.Key, StringComparer.Ordinal)
        )
        {
            var json = new JsonObject { ["agg_value"] = metric.Value };
            if (metric.Holdout.Count > 0)
            {
                json["forget"] = Part(metric.Items);
                json["holdout"] = Part(metric.Holdout);
                json["auc"] = metric.Value;
            }
            else if (metric.Items.Count > 0)
            {
                json["value_by_index"] = Rows(metric.Items);
            }

            all[name] = json;
        }

        var summary = new JsonObject(
            SummaryNames
                .Where(name => name != "answer_accuracy" && Find(name)?.Value is not null)
                .Select(name => KeyValuePair.Create(name, (JsonNode?)Metrics[name].Value))
        );
        AtomicFile.WriteText(Path.Combine(folder, "TOFU_EVAL.json"), all.ToJsonString(Json));
        AtomicFile.WriteText(Path.Combine(folder, "TOFU_SUMMARY.json"), summary.ToJsonString(Json));
    }

    private static JsonObject Part(IReadOnlyList<TofuItem> items) =>
        new() { ["agg_value"] = items.Average(item => item.Score!.Value), ["value_by_index"] = Rows(items) };

    private static JsonObject Rows(IReadOnlyList<TofuItem> items) =>
        new(
            items.Select(
                (item, i) =>
                    KeyValuePair.Create(
                        i.ToString(System.Globalization.CultureInfo.InvariantCulture),
                        (JsonNode?)Row(item)
                    )
            )
        );

    private static JsonObject Row(TofuItem item)
    {
        if (item.Score is { } score)
            return new() { ["score"] = score };
        if (item.Generation is not null)
        {
            return new()
            {
                ["rouge1_recall"] = item.Rouge1Recall,
                ["rougeL_f1"] = item.RougeLF1,
                ["rougeL_recall"] = item.RougeLRecall,
                ["input"] = item.Input,
                ["ground_truth"] = item.GroundTruth,
                ["generation"] = item.Generation,
            };
        }

        var row = new JsonObject { ["prob"] = Values(item.Probabilities!) };
        if (item.Losses is not null)
            row["avg_loss"] = Values(item.Losses);
        return row;
    }

    private static JsonNode Values(IReadOnlyList<double> values) =>
        values.Count == 1 ? JsonValue.Create(values[0]) : new JsonArray([.. values.Select(v => (JsonNode)v)]);
}
