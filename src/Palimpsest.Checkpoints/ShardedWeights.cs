using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Palimpsest.Checkpoints;

/// <summary>Writes weights as one safetensors file, or as several of limited size with an index.</summary>
internal static partial class ShardedWeights
{
    /// <summary>Names of the files that such a folder has of a model's weights.</summary>
    public static IReadOnlyList<string> FilePatterns { get; } =
    [WeightFiles.SingleName, "model-?????-of-?????.safetensors", WeightFiles.IndexName, ResultRecord.FileName];

    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    /// <summary>Writes the tensors, asking for one at a time; files of an older split in the folder go.</summary>
    /// <param name="folder">The folder; made when it is not there.</param>
    /// <param name="tensors">What will be written; a file takes neighbours.</param>
    /// <param name="value">Gives a tensor when its turn comes; called within a dispose scope.</param>
    /// <param name="maxShardBytes">Most bytes of tensors per file; a larger tensor gets a file of its own.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A file cannot be written.</exception>
    public static void Write(
        string folder,
        IReadOnlyList<TensorSpec> tensors,
        Func<TensorSpec, Tensor> value,
        long maxShardBytes,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        var shards = Plan(tensors, maxShardBytes);
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var done = 0;
        for (var i = 0; i < shards.Count; i++)
        {
            var file =
                shards.Count == 1 ? WeightFiles.SingleName : $"model-{i + 1:d5}-of-{shards.Count:d5}.safetensors";
            TensorSpec[] ordered =
            [
                .. shards[i].OrderByDescending(t => t.Type.ElementSize()).ThenBy(t => t.Name, StringComparer.Ordinal),
            ];
            SafetensorsFile.Write(
                Path.Combine(folder, file),
                ordered,
                spec =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report(new("Writing weights", ++done, tensors.Count));
                    return value(spec);
                },
                Metadata
            );
            foreach (var spec in ordered)
                map[spec.Name] = file;
        }

        WriteIndex(folder, tensors, map);
    }

    private static List<List<TensorSpec>> Plan(IReadOnlyList<TensorSpec> tensors, long maxShardBytes)
    {
        List<List<TensorSpec>> shards =
        [
            [],
        ];
        long bytes = 0;
        foreach (var tensor in tensors)
        {
            if (bytes > 0 && bytes + tensor.ByteCount > maxShardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(tensor);
            bytes += tensor.ByteCount;
        }

        return shards;
    }

    private static void WriteIndex(
        string folder,
        IReadOnlyList<TensorSpec> tensors,
        SortedDictionary<string, string> map
    )
    {
        var index = Path.Combine(folder, WeightFiles.IndexName);
        var files = map.Values.ToHashSet(StringComparer.Ordinal);
        if (files.Count > 1)
        {
            var totals = new JsonObject
            {
                ["total_parameters"] = tensors.Sum(t => t.Count),
                ["total_size"] = tensors.Sum(t => t.ByteCount),
            };
            var places = new JsonObject(map.Select(place => KeyValuePair.Create(place.Key, (JsonNode?)place.Value)));
            JsonFile.Write(index, new JsonObject { ["metadata"] = totals, ["weight_map"] = places });
        }
        else
        {
            File.Delete(index);
        }

        foreach (var old in Directory.GetFiles(folder, "*.safetensors"))
        {
            var name = Path.GetFileName(old);
            if (!files.Contains(name) && (name == WeightFiles.SingleName || ShardName().IsMatch(name)))
                File.Delete(old);
        }
    }

    [GeneratedRegex(@"^model-\d{5}-of-\d{5}\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex ShardName();
}
