using System.Globalization;
using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Rows of tasks as JSON lines: plain rows, or the samples that lm-evaluation-harness logs.</summary>
/// <remarks>A plain row to choose has <c>query</c>, <c>choices</c> and <c>gold</c> (a place from 0), one to generate
/// <c>query</c>, <c>target</c> (a text or several), <c>until</c> and <c>max_gen_toks</c>; <c>id</c> and <c>task</c> are
/// optional. A logged sample has <c>doc_id</c>, <c>target</c> and <c>arguments</c>, which hold context and continuation
/// or the settings of a generation.</remarks>
public static class TaskFile
{
    private const int MostTokens = 1 << 16;

    private static readonly FieldTable Generation = new([
        .. FieldTable.Obeyed("until", "max_gen_toks"),
        new FieldRule("do_sample", FieldUse.Refused, "texts are generated greedily"),
        new FieldRule("temperature", FieldUse.Refused, "texts are generated greedily", "0", "0.0"),
        .. FieldTable.WithoutEffect("texts are generated greedily", "top_p", "top_k"),
    ]);

    /// <summary>Reads every row.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">The file is missing or empty, a field is missing or of another type, or an id
    /// is there twice.</exception>
    public static IReadOnlyList<TaskRow> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileNameWithoutExtension(path);
        var rows = new List<TaskRow>();
        var seen = new HashSet<(string, string)>();
        foreach (var (number, field) in JsonRows.Read(path).Index())
        {
            var row = field["arguments"].IsNull ? Plain(field, name, number) : Sample(field, name);
            if (!seen.Add((row.Task, row.Id)))
                throw field.Error($"id {JsonField.Shown(row.Id)} is there twice in task {JsonField.Shown(row.Task)}.");
            rows.Add(row);
        }

        return rows.Count > 0 ? rows : throw new InputException($"{path}: has no row; needed is at least one.");
    }

    private static TaskRow Plain(JsonField field, string name, int number)
    {
        var row = new TaskRow
        {
            Id = field["id"].AsString(null) ?? (number + 1).ToString(CultureInfo.InvariantCulture),
            Task = field["task"].AsString(null) ?? name,
            Place = field.Path,
            Context = field.Text("query"),
        };
        if (field["choices"].AsStrings() is not { } choices)
            return Generated(row, field, field);
        foreach (var other in new[] { "until", "target" })
        {
            if (!field[other].IsNull)
                throw field.Error($"'choices' and '{other}' do not go together: a row is chosen or generated.");
        }

        return Choice(row, field, [.. choices.Select(choice => " " + choice)], field["gold"]);
    }

    private static TaskRow Sample(JsonField field, string name)
    {
        (JsonField Context, JsonField Second)[] requests = [.. Requests(field["arguments"])];
        if (requests.Length == 0)
            throw field.Error("'arguments' is empty.");
        var row = new TaskRow
        {
            Id = field["doc_id"].AsInteger(0, int.MaxValue).ToString(CultureInfo.InvariantCulture),
            Task = name,
            Place = field.Path,
            Context = requests[0].Context.AsString(),
        };
        if (!requests[0].Second.IsText)
            return Generated(row, field, requests[0].Second);
        if (requests.FirstOrDefault(request => request.Context.AsString() != row.Context).Context is { Path: { } odd })
            throw new InputException($"{odd}: another context than the first; only rows of one context are read.");
        return Choice(row, field, [.. requests.Select(request => request.Second.AsString())], field["target"]);
    }

    /// <summary>The requests of a sample: pairs in a list, or members arg_0 and arg_1 of gen_args_N.</summary>
    private static IEnumerable<(JsonField Context, JsonField Second)> Requests(JsonField arguments)
    {
        if (arguments.Value.ValueKind == JsonValueKind.Array)
        {
            foreach (var request in arguments.Elements())
            {
                JsonField[] pair = [.. request.Elements()];
                yield return pair.Length == 2 ? (pair[0], pair[1]) : throw request.Error("is no pair.");
            }

            yield break;
        }

        foreach (var (_, request) in arguments.Members())
            yield return (request["arg_0"], request["arg_1"]);
    }

    private static TaskRow Choice(TaskRow row, JsonField field, string[] continuations, JsonField gold)
    {
        if (continuations.Length < 2 || continuations.Distinct(StringComparer.Ordinal).Count() < continuations.Length)
            throw field.Error(
                $"has {continuations.Length} answers, {continuations.Distinct(StringComparer.Ordinal).Count()} of them "
                    + "different; needed are at least two, all different."
            );
        if (continuations.Any(string.IsNullOrWhiteSpace))
            throw field.Error("an answer is empty.");
        if (gold.IsNull)
            throw gold.Error("is missing.");
        return row with { Continuations = continuations, Gold = PlaceOf(gold, continuations.Length) };
    }

    // Older logs write the place as text.
    private static int PlaceOf(JsonField gold, int count)
    {
        if (!gold.IsText)
            return gold.AsInteger(0, count - 1);
        return
            int.TryParse(gold.AsString(), NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            && place < count
            ? place
            : throw gold.Error($"{JsonField.Shown(gold.AsString())} is not a whole number in [0, {count - 1}].");
    }

    private static TaskRow Generated(TaskRow row, JsonField field, JsonField settings)
    {
        if (settings.Path != field.Path)
        {
            foreach (var unknown in Generation.Check(settings))
                throw unknown.Error("is not known here; it could change what is generated.");
        }

        var until = TextOrTexts(settings["until"]);
        if (until.Any(text => text.Length == 0))
            throw settings["until"].Error("a stop text is empty.");
        var targets = TextOrTexts(field["target"]);
        if (targets.Count == 0 || targets.Any(string.IsNullOrWhiteSpace))
            throw field.Error("'target' is missing or empty; a row without 'choices' is generated and compared.");
        var most = settings["max_gen_toks"];
        return row with
        {
            Targets = targets,
            Until = until,
            MaxNewTokens = most.IsNull ? null : most.AsInteger(1, MostTokens),
        };
    }

    private static IReadOnlyList<string> TextOrTexts(JsonField field)
    {
        if (field.IsNull)
            return [];
        return field.IsText ? [field.AsString()] : field.AsStrings()!;
    }
}
