namespace Palimpsest.Foundation;

/// <summary>Facts as JSON lines.</summary>
public static class FactFile
{
    /// <summary>Reads every fact.</summary>
    /// <exception cref="InputException">The file is missing or empty, a field is missing, or an id is there
    /// twice.</exception>
    public static IReadOnlyList<Fact> Read(string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var facts = new List<Fact>();
        foreach (var row in JsonRows.Read(path))
        {
            var fact = Row(row);
            if (!seen.Add(fact.Id))
                throw row.Error($"id {JsonField.Shown(fact.Id)} is there twice.");
            facts.Add(fact);
        }

        return facts.Count > 0 ? facts : throw new InputException($"{path}: has no fact; needed is at least one.");
    }

    /// <summary>Reads one fact.</summary>
    /// <exception cref="InputException">A field is missing, empty or not of its type.</exception>
    internal static Fact Row(JsonField row) =>
        new()
        {
            Id = Text(row, "id"),
            Scope = Text(row, "scope") switch
            {
                "forget" => FactScope.Forget,
                "retain" => FactScope.Retain,
                "irrelevant" => FactScope.Irrelevant,
                var other => throw row["scope"]
                    .Error($"{JsonField.Shown(other)} is not one of forget, retain, irrelevant."),
            },
            Subject = Text(row, "subject"),
            Relation = Text(row, "relation"),
            Object = Text(row, "object"),
            Question = Text(row, "question"),
            Answer = Text(row, "answer"),
            Aliases = Texts(row["aliases"]),
            Paraphrases = Texts(row["paraphrases"]),
            Candidates = Texts(row["candidates"]),
        };

    private static string Text(JsonField row, string name)
    {
        if (row[name].IsNull)
            throw row.Error($"'{name}' is missing.");
        var text = row[name].AsString();
        return string.IsNullOrWhiteSpace(text) ? throw row.Error($"'{name}' is empty.") : text;
    }

    private static IReadOnlyList<string> Texts(JsonField field) =>
        field.IsNull ? [] : [.. field.Elements().Select(e => e.AsString())];
}
