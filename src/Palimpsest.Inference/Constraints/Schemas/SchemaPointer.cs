using System.Globalization;
using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>References within a schema: <c>#</c> and JSON pointers after it.</summary>
internal static class SchemaPointer
{
    /// <summary>The schema that a reference names, and its place in one spelling.</summary>
    public static (JsonElement Schema, string Place) Find(
        JsonElement root,
        JsonElement reference,
        Func<string, InputException> error
    )
    {
        if (reference.ValueKind != JsonValueKind.String)
            throw error("'$ref' is not a text.");
        var text = reference.GetString()!;
        var shown = text.Length > 80 ? text[..80] + "…" : text;
        if (text != "#" && !text.StartsWith("#/", StringComparison.Ordinal))
            throw error(
                $"'$ref' is {JsonField.Shown(shown)}; only places in the same schema are read, such as #/$defs/a."
            );
        var (found, place) = (root, "#");
        foreach (var step in text.Split('/').Skip(1).Select(Unescaped))
        {
            if (Child(found, step) is not { } child)
                throw error($"'$ref' is {JsonField.Shown(shown)}, which is not there.");
            found = child;
            place += "/" + Escaped(step);
        }

        return (found, place);
    }

    /// <summary>A name as a pointer has it.</summary>
    public static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Unescaped(string step) =>
        Uri.UnescapeDataString(step)
            .Replace("~1", "/", StringComparison.Ordinal)
            .Replace("~0", "~", StringComparison.Ordinal);

    private static JsonElement? Child(JsonElement parent, string step)
    {
        if (parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(step, out var member))
            return member;
        return
            parent.ValueKind == JsonValueKind.Array
            && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < parent.GetArrayLength()
            ? parent[index]
            : null;
    }
}
