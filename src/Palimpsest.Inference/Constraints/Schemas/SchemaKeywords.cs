using System.Collections.Frozen;

namespace Palimpsest.Inference;

/// <summary>The keywords of JSON Schema (draft 2020-12 and what older drafts called them) by what is done with
/// them.</summary>
internal static class SchemaKeywords
{
    private static readonly FrozenSet<string> Refused = new[]
    {
        "not",
        "if",
        "then",
        "else",
        "pattern",
        "patternProperties",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "minProperties",
        "maxProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
        "additionalItems",
        "contains",
        "minContains",
        "maxContains",
        "uniqueItems",
        "multipleOf",
        "divisibleBy",
        "disallow",
        "extends",
        "nullable",
        "$dynamicRef",
        "$recursiveRef",
    }.ToFrozenSet();

    private static readonly FrozenDictionary<string, string> TypeOfKeyword = new Dictionary<string, string>
    {
        ["properties"] = "object",
        ["required"] = "object",
        ["additionalProperties"] = "object",
        ["items"] = "array",
        ["prefixItems"] = "array",
        ["minItems"] = "array",
        ["maxItems"] = "array",
        ["minLength"] = "string",
        ["maxLength"] = "string",
        ["minimum"] = "number",
        ["maximum"] = "number",
        ["exclusiveMinimum"] = "number",
        ["exclusiveMaximum"] = "number",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Others = new[]
    {
        "type",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
    }.ToFrozenSet();

    /// <summary>True for one that changes which values are valid and that no automaton here knows.</summary>
    public static bool IsRefused(string keyword) => Refused.Contains(keyword);

    /// <summary>True for one that says which values are valid; the others describe.</summary>
    public static bool Constrains(string keyword) => Others.Contains(keyword) || TypeOfKeyword.ContainsKey(keyword);

    /// <summary>The type of the values that a keyword speaks of; null where it speaks of all.</summary>
    public static string? TypeOf(string keyword) => TypeOfKeyword.GetValueOrDefault(keyword);
}
