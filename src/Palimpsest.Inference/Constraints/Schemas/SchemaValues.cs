using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>Reads <c>enum</c>, <c>const</c> and <c>type</c>.</summary>
internal sealed class SchemaValues(JsonSchemaReader reader, string place)
{
    private const int MostValues = 10_000;

    private static readonly string[] Types = ["string", "number", "integer", "boolean", "null", "array", "object"];

    /// <summary>Adds listed values, of which those of another type are left out.</summary>
    public void Listed(ValueSchema value, JsonElement schema, string keyword, List<string> keywords)
    {
        if (keywords.Find(other => other != keyword && other != "type") is { } beside)
            throw reader.Error(place, $"'{beside}' beside '{keyword}' is not supported.");
        var types = TypesOf(schema);
        var list = schema.GetProperty(keyword);
        if (keyword == "enum" && list.ValueKind != JsonValueKind.Array)
            throw reader.Error(place, "'enum' is not a list.");
        if (keyword == "enum" && list.GetArrayLength() > MostValues)
            throw reader.Error(place, $"'enum' has {list.GetArrayLength()} values; allowed are {MostValues}.");
        var values = keyword == "enum" ? list.EnumerateArray().AsEnumerable() : [list];
        value.Nodes.Add(
            new LiteralNode(
                reader.Tokens,
                values.Where(one => types is null || types.Any(type => IsOf(one, type))).Select(JsonText.Of)
            )
        );
    }

    /// <summary>The types that are written; null where none are.</summary>
    public IReadOnlyList<string>? TypesOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
            return null;
        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type];
        var types = new List<string>();
        foreach (var name in names)
        {
            if (name.ValueKind != JsonValueKind.String || !Types.Contains(name.GetString()))
                throw reader.Error(
                    place,
                    $"'type' is {JsonField.Shown(name.ToString())}; allowed are {string.Join(", ", Types)}."
                );
            types.Add(name.GetString()!);
        }

        return types;
    }

    private static bool IsWhole(JsonElement value) => value.TryGetDecimal(out var number) && decimal.IsInteger(number);

    private static bool IsOf(JsonElement value, string type) =>
        value.ValueKind switch
        {
            JsonValueKind.String => type == "string",
            JsonValueKind.Number => type == "number" || (type == "integer" && IsWhole(value)),
            JsonValueKind.True or JsonValueKind.False => type == "boolean",
            JsonValueKind.Null => type == "null",
            JsonValueKind.Array => type == "array",
            _ => type == "object",
        };
}
