using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>A plan as it stands in a file, by whose digest an audit is held to it.</summary>
public sealed class WrittenPlan
{
    /// <summary>The file's name beside a report.</summary>
    public const string FileName = "plan.json";

    private const int MostBytes = 256 << 20;
    private const int MostDifferences = 100;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly JsonElement _content;

    private WrittenPlan(byte[] bytes, JsonElement content)
    {
        (Bytes, _content) = (bytes, content);
        Sha256 = ContentHash.OfBytes(bytes);
    }

    /// <summary>The SHA-256 of the file's bytes; published before the audit, it shows that the plan was
    /// there.</summary>
    public string Sha256 { get; }

    /// <summary>The file's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Writes a plan where no file is.</summary>
    /// <exception cref="InputException">There is a file, or it cannot be written.</exception>
    public static WrittenPlan Write(string path, AuditPlan plan)
    {
        if (File.Exists(path))
            throw new InputException($"{path}: is there already; a plan is never overwritten.");
        AtomicFile.WriteText(path, JsonSerializer.Serialize(plan, ResultJson.Format) + "\n");
        return Read(path);
    }

    /// <summary>Reads a plan.</summary>
    /// <exception cref="InputException">It is missing, too large, no plan, or of a version that this one does not
    /// know.</exception>
    public static WrittenPlan Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes } large)
                throw new InputException($"{path}: {large.Length} bytes; at most {MostBytes} are read of a plan.");
            var bytes = File.ReadAllBytes(path);
            using var document = JsonDocument.Parse(bytes, Strict);
            var root = new JsonField(path, document.RootElement.Clone());
            if (root["plan_version"].IsNull)
                throw root.Error("'plan_version' is missing; needed is a plan of an audit.");
            root["plan_version"].AsInteger(AuditPlan.CurrentSchema, AuditPlan.CurrentSchema);
            _ = root.Value.Deserialize<AuditPlan>(ResultJson.Format);
            return new(bytes, root.Value);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new InputException($"{path}: is not a plan: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Where an audit differs from the plan, each as field, value before and value now; at most
    /// 100.</summary>
    public IReadOnlyList<string> DifferencesOf(AuditPlan now)
    {
        var differences = new List<string>();
        Compare("", _content, JsonSerializer.SerializeToElement(now, ResultJson.Format), differences);
        return differences;
    }

    private static void Compare(string place, JsonElement? planned, JsonElement? now, List<string> differences)
    {
        if (differences.Count == MostDifferences)
            return;
        switch (planned?.ValueKind, now?.ValueKind)
        {
            case (JsonValueKind.Object, JsonValueKind.Object):
                var (before, after) = (Members(planned!.Value), Members(now!.Value));
                foreach (var name in before.Keys.Union(after.Keys))
                    Compare(
                        place.Length == 0 ? name : $"{place}.{name}",
                        before.TryGetValue(name, out var old) ? old : null,
                        after.TryGetValue(name, out var other) ? other : null,
                        differences
                    );
                return;
            case (JsonValueKind.Array, JsonValueKind.Array):
                var (first, second) = (planned!.Value.GetArrayLength(), now!.Value.GetArrayLength());
                for (var i = 0; i < Math.Max(first, second); i++)
                    Compare(
                        $"{place}[{i}]",
                        i < first ? planned.Value[i] : null,
                        i < second ? now.Value[i] : null,
                        differences
                    );
                return;
            default:
                if (planned is null || now is null || !JsonElement.DeepEquals(planned.Value, now.Value))
                    differences.Add($"{place} was {Shown(planned)} and is {Shown(now)}");
                return;
        }
    }

    private static Dictionary<string, JsonElement> Members(JsonElement value) =>
        value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    private static string Shown(JsonElement? value) =>
        value switch
        {
            null => "not there",
            { ValueKind: JsonValueKind.String } text => JsonField.Shown(text.GetString()!),
            { ValueKind: JsonValueKind.Object or JsonValueKind.Array } large => JsonField.Shown(large.GetRawText()),
            { } plain => plain.GetRawText(),
        };
}
