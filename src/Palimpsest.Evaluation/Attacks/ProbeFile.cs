using System.Text;
using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Probes as JSON lines, written once and put to every model.</summary>
public static class ProbeFile
{
    private const long MostBytes = 256 << 20;

    /// <summary>Reads probes; those that give their own answer away are refused, since someone put them
    /// there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="facts">The facts that the probes are after.</param>
    /// <exception cref="InputException">The file is missing, a line is malformed, an id is there twice, or a probe is
    /// of no fact.</exception>
    public static IReadOnlyList<SleekProbe> Read(string path, IReadOnlyList<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (!File.Exists(path))
            throw new InputException($"{path}: there is no such file.");
        if (new FileInfo(path).Length > MostBytes)
            throw new InputException($"{path}: {new FileInfo(path).Length} bytes; at most {MostBytes} are read.");
        var known = facts.ToDictionary(fact => fact.Id, fact => fact.Scope, StringComparer.Ordinal);
        var (probes, seen) = (new List<SleekProbe>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (
            var (number, line) in File.ReadLines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item))
        )
        {
            var place = $"{path}, line {number + 1}";
            var probe = Row(place, line);
            if (!seen.Add(probe.Id))
                throw new InputException($"{place}: id '{probe.Id}' is there twice.");
            if (!known.TryGetValue(probe.FactId, out var scope))
                throw new InputException($"{place}: fact '{probe.FactId}' is not among the facts.");
            if (scope != probe.Scope)
                throw new InputException(
                    $"{place}: scope {probe.Scope} is not that of fact '{probe.FactId}', {scope}."
                );
            if (ProbeHygiene.GivesAway(probe))
                throw new InputException($"{place}: the probe '{probe.Id}' holds its own answer.");
            probes.Add(probe);
        }

        return probes.Count > 0 ? probes : throw new InputException($"{path}: has no probe; needed is at least one.");
    }

    /// <summary>Writes probes.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<SleekProbe> probes) =>
        AtomicFile.WriteText(path, Lines(probes));

    /// <summary>Writes replies with their verdicts.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void WriteReplies(string path, IReadOnlyList<SleekReply> replies) =>
        AtomicFile.WriteText(path, Lines(replies));

    private static string Lines<T>(IReadOnlyList<T> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append(JsonSerializer.Serialize(row, Sleek.Json)).Append('\n');
        return text.ToString();
    }

    private static SleekProbe Row(string place, string line)
    {
        try
        {
            var probe = JsonSerializer.Deserialize<SleekProbe>(line, Sleek.Json);
            return
                probe
                    is {
                        Text: { Length: > 0 },
                        Expected.Count: > 0,
                        Steps: not null,
                        KnowledgePoint: not null,
                        Statement: not null,
                        Id: not null,
                        FactId: not null
                    }
                && probe.Expected.Concat(probe.Steps).All(text => text is not null)
                ? probe
                : throw new InputException(
                    $"{place}: a probe needs id, fact_id, text, knowledge_point and at least one expected answer."
                );
        }
        catch (JsonException error)
        {
            throw new InputException($"{place}: is not a probe: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
