using System.Globalization;
using System.Text.Json;

namespace Palimpsest.Models;

/// <summary>Fields of a config.json; every error is one line with file, field, value and what is allowed.</summary>
/// <param name="json">The object.</param>
/// <param name="file">The file's name, for messages.</param>
public sealed class ConfigReader(JsonElement json, string file)
{
    private const int LargestSize = 1 << 24;

    /// <summary>The file's name, for messages.</summary>
    public string File { get; } = file;

    /// <summary>True when the field is there and not null.</summary>
    public bool Has(string field) => Find(field) is not null;

    /// <summary>A field that is an object, or null.</summary>
    public ConfigReader? Object(string field) =>
        Find(field) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Object } value => new(value, File),
            { } value => throw Refuse(field, value, "an object or null"),
        };

    /// <summary>A count or size.</summary>
    /// <exception cref="InputException">It is missing, not whole, or outside [least, 2^24].</exception>
    public int Size(string field, int? ifAbsent = null, int least = 1)
    {
        if (Find(field) is not { } value)
            return ifAbsent ?? throw new InputException($"{File}: field '{field}' is missing.");
        return
            value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var size)
            && size >= least
            && size <= LargestSize
            ? size
            : throw Refuse(field, value, $"a whole number from {least} to {LargestSize}");
    }

    /// <summary>A size, or null when it is missing or null.</summary>
    public int? SizeOrNull(string field) => Has(field) ? Size(field) : null;

    /// <summary>A real number.</summary>
    public double Real(string field, double ifAbsent) => RealOrNull(field) ?? ifAbsent;

    /// <summary>A real number, or null.</summary>
    public double? RealOrNull(string field) =>
        Find(field) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var real) && double.IsFinite(real) =>
                real,
            { } value => throw Refuse(field, value, "a finite number"),
        };

    /// <summary>A positive real number.</summary>
    public double Positive(string field, double ifAbsent) => PositiveOrNull(field) ?? ifAbsent;

    /// <summary>A positive real number, or null.</summary>
    public double? PositiveOrNull(string field)
    {
        var real = RealOrNull(field);
        return real is null or > 0 ? real : throw Refuse(field, Find(field)!.Value, "a number above 0");
    }

    /// <summary>A truth value.</summary>
    public bool Flag(string field, bool ifAbsent) =>
        Find(field) switch
        {
            null => ifAbsent,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { } value => throw Refuse(field, value, "true or false"),
        };

    /// <summary>A string, or null.</summary>
    public string? Text(string field) =>
        Find(field) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            { } value => throw Refuse(field, value, "a string"),
        };

    /// <summary>A list of strings, or null.</summary>
    public IReadOnlyList<string>? Texts(string field) =>
        Find(field) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Array } value
                when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) =>
            [
                .. value.EnumerateArray().Select(v => v.GetString()!),
            ],
            { } value => throw Refuse(field, value, "a list of strings"),
        };

    /// <summary>A list of real numbers; empty when missing.</summary>
    public IReadOnlyList<double> Reals(string field) =>
        Find(field) switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } value
                when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number) =>
            [
                .. value.EnumerateArray().Select(v => v.GetDouble()),
            ],
            { } value => throw Refuse(field, value, "a list of numbers"),
        };

    /// <summary>A token id or a list of them; empty when missing.</summary>
    public IReadOnlyList<int> TokenIds(string field)
    {
        if (Find(field) is not { } value)
            return [];
        var items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value };
        List<int> ids = [];
        foreach (var item in items)
        {
            ids.Add(
                item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id)
                    ? id
                    : throw Refuse(field, value, "a token id or a list of them")
            );
        }

        return ids;
    }

    /// <summary>A list of pairs, each a list of strings and how often it comes (at most 65536).</summary>
    public IReadOnlyList<(IReadOnlyList<string> Names, int Count)> Groups(string field)
    {
        const string Allowed = "a list of pairs, each a list of strings and a count";
        var value = Find(field) ?? throw Refuse(field, Allowed);
        if (value.ValueKind != JsonValueKind.Array)
            throw Refuse(field, value, Allowed);
        List<(IReadOnlyList<string>, int)> groups = [];
        foreach (var group in value.EnumerateArray())
        {
            if (
                group.ValueKind != JsonValueKind.Array
                || group.EnumerateArray().ToArray() is not [var names, var count]
                || names.ValueKind != JsonValueKind.Array
                || names.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String)
                || count.ValueKind != JsonValueKind.Number
                || !count.TryGetInt32(out var times)
                || times is < 0 or > 65536
            )
                throw Refuse(field, value, Allowed);
            groups.Add(([.. names.EnumerateArray().Select(name => name.GetString()!)], times));
        }

        return groups;
    }

    /// <summary>The error of a field whose value is not allowed.</summary>
    public InputException Refuse(string field, string allowed) => Refuse(field, Find(field) ?? default, allowed);

    private InputException Refuse(string field, JsonElement value, string allowed)
    {
        var text = value.ValueKind == JsonValueKind.Undefined ? "missing" : value.GetRawText().ReplaceLineEndings(" ");
        var shown = text.Length <= 60 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..60]}…");
        return new($"{File}: field '{field}' is {shown}; allowed is {allowed}.");
    }

    private JsonElement? Find(string field) =>
        json.TryGetProperty(field, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}
