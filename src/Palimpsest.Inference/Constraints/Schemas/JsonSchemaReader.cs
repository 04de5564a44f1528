using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>Makes an automaton's kinds of values of a JSON schema; schemas are taken as hostile.</summary>
/// <remarks>What is made writes a part of what the schema allows, never more.</remarks>
internal sealed class JsonSchemaReader
{
    /// <summary>Most schemas within a schema.</summary>
    public const int MostSchemas = 4096;

    /// <summary>Most schemas within one another, references not counted.</summary>
    public const int MostLevels = 64;

    private const int MostCharacters = 1 << 20;

    private readonly string _name;
    private readonly JsonElement _root;
    private readonly Dictionary<string, ValueSchema> _byPlace = [];
    private readonly List<(string Place, ValueSchema[] Alternatives)> _exclusive = [];
    private ValueSchema? _any;

    private JsonSchemaReader(JsonElement root, string name, TokenBytes tokens) =>
        (_root, _name, Tokens) = (root, name, tokens);

    /// <summary>Tells how many tokens a text takes.</summary>
    public TokenBytes Tokens { get; }

    /// <summary>Reads a schema.</summary>
    /// <param name="schema">An object or a truth value.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="tokens">Tells how many tokens a text takes.</param>
    /// <exception cref="InputException">A keyword is not supported or malformed, the schema is too large, or there is
    /// no finite value of it.</exception>
    public static ValueSchema Read(JsonElement schema, string name, TokenBytes tokens)
    {
        try
        {
            if (schema.GetRawText().Length > MostCharacters)
                throw new InputException($"{name}: the schema has more than {MostCharacters} characters.");
            var reader = new JsonSchemaReader(schema, name, tokens);
            var value = reader.At(schema, "#", 0);
            SchemaFloor.Lay([.. reader._byPlace.Values.Append(reader.Any())]);
            foreach (var (place, alternatives) in reader._exclusive)
                Exclusion.Check(alternatives, $"{name}: {place}");
            return value.HasValue
                ? value
                : throw new InputException(
                    $"{name}: no JSON of at most {ValueSchema.MostDepth} levels is of the schema."
                );
        }
        catch (InvalidOperationException error)
        {
            throw new InputException($"{name}: the schema holds a text that is not Unicode.", error);
        }
    }

    /// <summary>What the messages of a place begin with.</summary>
    public InputException Error(string place, string complaint) => new($"{_name}: {place}: {complaint}");

    /// <summary>The schema at a place.</summary>
    public ValueSchema At(JsonElement schema, string place, int level)
    {
        if (_byPlace.TryGetValue(place, out var known))
            return known;
        if (_byPlace.Count >= MostSchemas)
            throw new InputException($"{_name}: more than {MostSchemas} schemas.");
        if (level > MostLevels)
            throw Error(place[..Math.Min(place.Length, 80)], $"nests deeper than {MostLevels} levels.");
        var value = new ValueSchema();
        _byPlace.Add(place, value);
        if (schema.ValueKind == JsonValueKind.True)
            value.Include(Any());
        else if (schema.ValueKind == JsonValueKind.Object)
            Fill(value, schema, place, level);
        else if (schema.ValueKind != JsonValueKind.False)
            throw Error(place, $"is a JSON {schema.ValueKind.ToString().ToLowerInvariant()}; a schema is an object.");
        return value;
    }

    /// <summary>Any JSON.</summary>
    public ValueSchema Any()
    {
        if (_any is not null)
            return _any;
        _any = new();
        _any.Nodes.AddRange([
            new StringNode(Tokens, 0, int.MaxValue),
            new NumberNode(),
            new LiteralNode(Tokens, "true", "false", "null"),
            new ArrayNode([], _any, 0, int.MaxValue),
            new ObjectNode(Tokens, [], _any),
        ]);
        return _any;
    }

    private void Fill(ValueSchema value, JsonElement schema, string place, int level)
    {
        var keywords = new List<string>();
        foreach (var member in schema.EnumerateObject())
        {
            if (SchemaKeywords.IsRefused(member.Name) && Matters(member))
                throw Error(place, $"'{member.Name}' is not supported; say it in words, or leave it out.");
            if (member.Name == "$id" && place != "#")
                throw Error(place, "'$id' within a schema is not supported.");
            if (!SchemaKeywords.Constrains(member.Name))
                continue;
            if (keywords.Contains(member.Name))
                throw Error(place, $"'{member.Name}' is there twice.");
            keywords.Add(member.Name);
        }

        if (Union(value, schema, keywords, place, level))
            return;
        if (keywords.FirstOrDefault(keyword => keyword is "enum" or "const") is { } listed)
            new SchemaValues(this, place).Listed(value, schema, listed, keywords);
        else if (keywords.Count == 0)
            value.Include(Any());
        else
            new SchemaKinds(this, place, level).Add(value, schema, keywords);
    }

    // What generators write where a keyword says nothing.
    private static bool Matters(JsonProperty member) =>
        member.Name switch
        {
            "uniqueItems" or "nullable" => member.Value.ValueKind != JsonValueKind.False,
            "unevaluatedProperties" or "unevaluatedItems" or "additionalItems" => member.Value.ValueKind
                != JsonValueKind.True,
            "minProperties" => member.Value.GetRawText() != "0",
            _ => true,
        };

    private bool Union(ValueSchema value, JsonElement schema, List<string> keywords, string place, int level)
    {
        if (keywords.FirstOrDefault(keyword => keyword is "$ref" or "anyOf" or "oneOf" or "allOf") is not { } union)
            return false;
        if (keywords.Find(keyword => keyword != union) is { } beside)
            throw Error(place, $"'{beside}' beside '{union}' is not supported; write it within the alternatives.");
        if (union == "$ref")
        {
            var (target, at) = SchemaPointer.Find(_root, schema.GetProperty("$ref"), text => Error(place, text));
            value.Include(At(target, at, level));
            return true;
        }

        var list = schema.GetProperty(union);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            throw Error(place, $"'{union}' is not a list of schemas.");
        if (union == "allOf" && list.GetArrayLength() > 1)
            throw Error(place, "'allOf' of several schemas is not supported; write one schema.");
        ValueSchema[] alternatives =
        [
            .. list.EnumerateArray().Select((part, i) => At(part, $"{place}/{union}/{i}", level + 1)),
        ];
        foreach (var alternative in alternatives)
            value.Include(alternative);
        if (union == "oneOf")
            _exclusive.Add((place, alternatives));
        return true;
    }
}
