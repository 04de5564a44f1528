using System.Text.Json;

namespace Palimpsest.Foundation;

/// <summary>A JSON value with the name of its place, so that each complaint names file and field.</summary>
/// <param name="Path">File and field, as printed.</param>
/// <param name="Value">The value.</param>
public readonly record struct JsonField(string Path, JsonElement Value)
{
    /// <summary>Whether the value is absent or null.</summary>
    public bool IsNull => Value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>A member of an object; absent and null look the same.</summary>
    public JsonField this[string name]
    {
        get
        {
            Expect(JsonValueKind.Object);
            try
            {
                return new JsonField($"{Path}: {name}", Value.TryGetProperty(name, out var member) ? member : default);
            }
            catch (InvalidOperationException error)
            {
                throw NotText(error);
            }
        }
    }

    /// <summary>Parses a document.</summary>
    /// <exception cref="InputException">It is not JSON, or nests deeper than 64.</exception>
    public static JsonField Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return new JsonField(path, document.RootElement.Clone());
        }
        catch (JsonException error)
        {
            throw new InputException(
                $"{path}: not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine}.",
                error
            );
        }
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="InputException">The file is missing, larger than <paramref name="mostBytes"/>, or not
    /// JSON.</exception>
    public static JsonField Read(string path, long mostBytes)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: there is no such file.");
        try
        {
            var size = new FileInfo(path).Length;
            return size <= mostBytes
                ? Parse(path, File.ReadAllBytes(path))
                : throw new InputException($"{path}: {size} bytes; at most {mostBytes} are read.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>An error about this field.</summary>
    public InputException Error(string complaint) => new($"{Path}: {complaint}");

    /// <summary>A string.</summary>
    public string AsString()
    {
        Expect(JsonValueKind.String);
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw NotText(error);
        }
    }

    /// <summary>A string, or another when absent.</summary>
    public string? AsString(string? absent) => IsNull ? absent : AsString();

    /// <summary>A member that has to be there: a string that is not blank.</summary>
    /// <exception cref="InputException">It is missing, blank or no string.</exception>
    public string Text(string name)
    {
        if (this[name].IsNull)
            throw Error($"'{name}' is missing.");
        var text = this[name].AsString();
        return string.IsNullOrWhiteSpace(text) ? throw Error($"'{name}' is empty.") : text;
    }

    /// <summary>true or false, or another when absent.</summary>
    public bool AsBoolean(bool absent) =>
        Value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Undefined or JsonValueKind.Null => absent,
            _ => throw Error($"{Shown()} is not true or false."),
        };

    /// <summary>A whole number within a range.</summary>
    public int AsInteger(int least, int most) =>
        Value.ValueKind == JsonValueKind.Number
        && Value.TryGetInt32(out var number)
        && number >= least
        && number <= most
            ? number
            : throw Error($"{Shown()} is not a whole number in [{least}, {most}].");

    /// <summary>A finite number.</summary>
    public double AsNumber() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Error($"{Shown()} is not a finite number.");

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonField> Elements()
    {
        Expect(JsonValueKind.Array);
        return Walk(Path, Value);

        static IEnumerable<JsonField> Walk(string path, JsonElement array)
        {
            var index = 0;
            foreach (var element in array.EnumerateArray())
                yield return new JsonField($"{path}[{index++}]", element);
        }
    }

    /// <summary>The members of an object, duplicates included.</summary>
    public IEnumerable<(string Name, JsonField Field)> Members()
    {
        Expect(JsonValueKind.Object);
        return Walk(this);

        static IEnumerable<(string Name, JsonField Field)> Walk(JsonField field)
        {
            foreach (var member in field.Value.EnumerateObject())
            {
                var name = field.NameOf(member);
                yield return (name, new JsonField($"{field.Path}: {Shown(name)}", member.Value));
            }
        }
    }

    /// <summary>Text as a message shows it: one line, at most 60 characters.</summary>
    public static string Shown(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return "'" + (line.Length > 60 ? line[..60] + "…" : line) + "'";
    }

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException error)
        {
            throw NotText(error);
        }
    }

    private InputException NotText(InvalidOperationException error) => new($"{Path}: not valid Unicode text.", error);

    private string Shown() => Value.ValueKind == JsonValueKind.Undefined ? "nothing" : Shown(Value.GetRawText());

    private void Expect(JsonValueKind kind)
    {
        var expected = kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            _ => "a string",
        };
        if (Value.ValueKind != kind)
            throw Error($"{Shown()} is not {expected}.");
    }
}
