using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>Reads the kinds of values of a schema without alternatives: texts, numbers, arrays, objects.</summary>
internal sealed class SchemaKinds(JsonSchemaReader reader, string place, int level)
{
    /// <summary>Adds a kind for each type; without types those that the keywords speak of.</summary>
    public void Add(ValueSchema value, JsonElement schema, List<string> keywords)
    {
        var types =
            new SchemaValues(reader, place).TypesOf(schema)
            ?? [.. keywords.Select(SchemaKeywords.TypeOf).OfType<string>().Distinct()];
        foreach (var type in types)
        {
            if (type == "integer" && types.Contains("number"))
                continue;
            value.Nodes.Add(
                type switch
                {
                    "string" => Text(schema),
                    "number" => new SchemaBounds(reader, place).Number(schema),
                    "integer" => new SchemaBounds(reader, place).Whole(schema),
                    "boolean" => new LiteralNode(reader.Tokens, "true", "false"),
                    "null" => new LiteralNode(reader.Tokens, "null"),
                    "array" => Array(schema),
                    _ => Object(schema),
                }
            );
        }
    }

    private StringNode Text(JsonElement schema) =>
        new(reader.Tokens, Count(schema, "minLength", 0), Count(schema, "maxLength", int.MaxValue));

    private ArrayNode Array(JsonElement schema)
    {
        ValueSchema[] first = [];
        if (schema.TryGetProperty("prefixItems", out var prefix))
        {
            if (prefix.ValueKind != JsonValueKind.Array)
                throw reader.Error(place, "'prefixItems' is not a list of schemas.");
            first = [.. prefix.EnumerateArray().Select((part, i) => Part(part, $"prefixItems/{i}"))];
        }

        var others = reader.Any();
        if (schema.TryGetProperty("items", out var items))
            others = Part(items, "items");
        return new(first, others, Count(schema, "minItems", 0), Count(schema, "maxItems", int.MaxValue));
    }

    private ObjectNode Object(JsonElement schema)
    {
        var required = Required(schema);
        var properties = new List<ObjectProperty>();
        if (schema.TryGetProperty("properties", out var named))
        {
            if (named.ValueKind != JsonValueKind.Object)
                throw reader.Error(place, "'properties' is not an object.");
            foreach (var member in named.EnumerateObject())
                properties.Add(
                    new(
                        KeyOf(member.Name),
                        Part(member.Value, $"properties/{SchemaPointer.Escaped(member.Name)}"),
                        required.Remove(member.Name)
                    )
                );
            if (properties.DistinctBy(property => property.Key).Count() < properties.Count)
                throw reader.Error(place, "'properties' has a name twice.");
        }

        var others = named.ValueKind == JsonValueKind.Undefined ? reader.Any() : null;
        if (schema.TryGetProperty("additionalProperties", out var more))
            others = more.ValueKind == JsonValueKind.False ? null : Part(more, "additionalProperties");
        // A name that is required and not described is one of the others.
        properties.AddRange(
            required
                .Order(StringComparer.Ordinal)
                .Select(name => new ObjectProperty(
                    KeyOf(name),
                    others ?? (more.ValueKind == JsonValueKind.False ? new() : reader.Any()),
                    IsRequired: true
                ))
        );
        return new(reader.Tokens, properties, others);
    }

    private HashSet<string> Required(JsonElement schema)
    {
        if (!schema.TryGetProperty("required", out var list))
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(IsNoText))
            throw reader.Error(place, "'required' is not a list of names.");
        var names = list.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);
        return names.Count <= JsonSchemaReader.MostSchemas
            ? names
            : throw reader.Error(place, $"'required' has more than {JsonSchemaReader.MostSchemas} names.");
    }

    private ValueSchema Part(JsonElement schema, string step) => reader.At(schema, $"{place}/{step}", level + 1);

    private int Count(JsonElement schema, string keyword, int absent)
    {
        if (!schema.TryGetProperty(keyword, out var value))
            return absent;
        return
            value.ValueKind == JsonValueKind.Number
            && value.TryGetDecimal(out var count)
            && count >= 0
            && decimal.IsInteger(count)
            ? (int)Math.Min(count, int.MaxValue)
            : throw reader.Error(
                place,
                $"'{keyword}' is {JsonField.Shown(value.ToString())}; allowed are whole numbers from 0."
            );
    }

    private static bool IsNoText(JsonElement value) => value.ValueKind != JsonValueKind.String;

    private static string KeyOf(string name) =>
        System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(JsonText.Escaped(name)));
}
