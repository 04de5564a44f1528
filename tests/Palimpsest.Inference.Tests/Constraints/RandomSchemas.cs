using System.Text.Json.Nodes;

namespace Palimpsest.Inference.Tests;

/// <summary>Random JSON schemas of the keywords that constraints know, some of them recursive.</summary>
internal sealed class RandomSchemas(SeededRandom random)
{
    private static readonly string[] Names = ["a", "name", "n\"q", "größe", "a b", "nam", "x\ty", ""];

    private int _definitions;

    public JsonObject Next()
    {
        _definitions = Below(3);
        var schema = Schema(0);
        if (_definitions == 0)
            return schema;
        var definitions = new JsonObject();
        for (var i = 0; i < _definitions; i++)
            definitions.Add($"d/{i}", Schema(1));
        return new() { ["$ref"] = "#/$defs/root", ["$defs"] = With(definitions, "root", schema) };
    }

    /// <summary>A schema within a container, where a reference is no endless circle.</summary>
    private JsonObject Part(int depth) =>
        _definitions > 0 && Below(6) == 0 ? new() { ["$ref"] = $"#/$defs/d~1{Below(_definitions)}" } : Schema(depth);

    private JsonObject Schema(int depth) =>
        Below(depth > 3 ? 5 : 11) switch
        {
            0 => Text(),
            1 => Number("integer"),
            2 => Number("number"),
            3 => new() { ["type"] = Below(2) == 0 ? "boolean" : "null" },
            4 => Listed(),
            5 or 6 => Array(depth),
            7 => new() { ["anyOf"] = new JsonArray(Schema(depth + 1), Schema(depth + 1)) },
            _ => Object(depth),
        };

    private JsonObject Text()
    {
        var schema = new JsonObject { ["type"] = Below(3) == 0 ? new JsonArray("string", "null") : "string" };
        var least = Below(4);
        if (Below(2) == 0)
            schema["minLength"] = least;
        if (Below(2) == 0)
            schema["maxLength"] = least + Below(6);
        return schema;
    }

    private JsonObject Number(string type)
    {
        var schema = new JsonObject { ["type"] = type };
        var least = Below(400) - 200;
        if (Below(2) == 0)
            schema[Below(2) == 0 ? "minimum" : "exclusiveMinimum"] = type == "number" ? least / 8.0 : least;
        if (Below(2) == 0)
            schema[Below(2) == 0 ? "maximum" : "exclusiveMaximum"] = type == "number" ? least / 8.0 + 1 : least + 20;
        return schema;
    }

    private JsonObject Listed()
    {
        JsonNode?[] values =
        [
            "a",
            "ab",
            "é\"",
            1,
            12,
            1.5,
            null,
            true,
            new JsonObject { ["k"] = new JsonArray(1, "z") },
        ];
        var chosen = values.Where(_ => Below(2) == 0).Append("last").Select(value => value?.DeepClone()).ToArray();
        return Below(4) == 0
            ? new() { ["const"] = chosen[0]?.DeepClone() ?? "none" }
            : new() { ["enum"] = new JsonArray(chosen) };
    }

    private JsonObject Array(int depth)
    {
        var schema = new JsonObject { ["type"] = "array" };
        if (Below(3) == 0)
            schema["prefixItems"] = new JsonArray(Part(depth + 1), Part(depth + 1));
        if (Below(4) == 0)
            schema["items"] = false;
        else
            schema["items"] = Part(depth + 1);
        var least = Below(3);
        if (Below(2) == 0)
            schema["minItems"] = least;
        if (Below(2) == 0)
            schema["maxItems"] = least + Below(3);
        return schema;
    }

    private JsonObject Object(int depth)
    {
        var schema = new JsonObject { ["type"] = "object" };
        var properties = new JsonObject();
        foreach (var name in Names.Where(_ => Below(3) == 0))
            properties.Add(name, Part(depth + 1));
        var required = properties.Select(p => p.Key).Where(_ => Below(2) == 0).Select(k => (JsonNode?)k).ToArray();
        if (Below(4) > 0)
            schema["properties"] = properties;
        if (Below(2) == 0 && schema.ContainsKey("properties"))
            schema["required"] = new JsonArray(required);
        if (Below(3) == 0)
            schema["additionalProperties"] = Below(2) == 0 ? Below(2) == 0 : Part(depth + 1);
        return schema;
    }

    private int Below(int bound) => (int)(random.Unit() * bound);

    private static JsonObject With(JsonObject members, string name, JsonObject value)
    {
        members.Add(name, value);
        return members;
    }
}
