using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>What forget quality and privacy leakage need to know of the retained model.</summary>
/// <param name="ForgetTruthRatios">Truth ratio of each forget row.</param>
/// <param name="MinKAuc">AUC of min-k, or null.</param>
public sealed record TofuReference(IReadOnlyList<double> ForgetTruthRatios, double? MinKAuc)
{
    /// <summary>Takes them from a result of this benchmark.</summary>
    public static TofuReference Of(TofuResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new([.. result["forget_truth_ratio"].Items.Select(item => item.Score!.Value)], result.Find("mia_min_k")?.Value);
    }

    /// <summary>Reads them from an open-unlearning TOFU_EVAL.json.</summary>
    /// <exception cref="InputException">The file is missing or has no truth ratios.</exception>
    public static TofuReference Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var ratios = document.RootElement.GetProperty("forget_truth_ratio").GetProperty("value_by_index");
            double? auc = document.RootElement.TryGetProperty("mia_min_k", out var minK) ? minK.GetProperty("agg_value").GetDouble() : null;
            return new([.. ratios.EnumerateObject().Select(item => item.Value.GetProperty("score").GetDouble())], auc);
        }
        catch (Exception error) when (error is IOException or JsonException or KeyNotFoundException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: is not a TOFU_EVAL.json with forget_truth_ratio: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
