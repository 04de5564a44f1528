using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>What forget quality and privacy leakage need to know of the retained model.</summary>
/// <param name="ForgetTruthRatios">Truth ratio of each forget row.</param>
/// <param name="MinKAuc">AUC of min-k, or null.</param>
public sealed record TofuReference(IReadOnlyList<double> ForgetTruthRatios, double? MinKAuc)
{
    private const long MostBytes = 1_000_000_000;

    /// <summary>Takes them from a result of this benchmark.</summary>
    public static TofuReference Of(TofuResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new(
            [.. result["forget_truth_ratio"].Items.Select(item => item.Score!.Value)],
            result.Find("mia_min_k")?.Value
        );
    }

    /// <summary>Reads them from an open-unlearning TOFU_EVAL.json.</summary>
    /// <exception cref="InputException">The file is missing or has no truth ratios.</exception>
    public static TofuReference Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new InputException($"{path}: {new FileInfo(path).Length} bytes; at most {MostBytes} are read.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var ratios = document
                .RootElement.GetProperty("forget_truth_ratio")
                .GetProperty("value_by_index")
                .EnumerateObject()
                .Select(item =>
                    Number(path, $"forget_truth_ratio: {item.Name}: score", item.Value.GetProperty("score"))
                )
                .ToArray();
            if (ratios.Length == 0)
                throw new InputException(
                    $"{path}: forget_truth_ratio: value_by_index has no row; needed is at least one."
                );
            return new(
                ratios,
                document.RootElement.TryGetProperty("mia_min_k", out var minK)
                    ? Number(path, "mia_min_k: agg_value", minK.GetProperty("agg_value"))
                    : null
            );
        }
        catch (Exception error)
            when (error
                    is IOException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or UnauthorizedAccessException
            )
        {
            throw new InputException(
                $"{path}: is not a TOFU_EVAL.json with forget_truth_ratio: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }

    private static double Number(string path, string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new InputException($"{path}: {field.ReplaceLineEndings(" ")} is no finite number.");
}
