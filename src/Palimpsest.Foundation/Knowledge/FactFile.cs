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

    private static Fact Row(JsonField row) =>
        new()
        {
            Id = row.Text("id"),
            Scope = row.Text("scope") switch
            {
                "forget" => FactScope.Forget,
                "retain" => FactScope.Retain,
                "irrelevant" => FactScope.Irrelevant,
                var other => throw row["scope"]
                    .Error($"{JsonField.Shown(other)} is not one of forget, retain, irrelevant."),
            },
            Subject = row.Text("subject"),
            Relation = row.Text("relation"),
            Object = row.Text("object"),
            Question = row.Text("question"),
            Answer = row.Text("answer"),
            Aliases = Texts(row["aliases"]),
            Paraphrases = Texts(row["paraphrases"]),
            Candidates = Texts(row["candidates"]),
        };

    private static IReadOnlyList<string> Texts(JsonField field) =>
        field.IsNull ? [] : [.. field.Elements().Select(e => e.AsString())];
}
