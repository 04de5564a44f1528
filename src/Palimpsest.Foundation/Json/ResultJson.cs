using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Palimpsest.Foundation;

/// <summary>
/// How results are written as JSON, wherever they go. A number that is missing or not finite is null, and beside it
/// stands why: <c>"value": null, "value_reason": "nothing was measured"</c>. Beside a list or a map of numbers the
/// reason is that of every null in it.
/// </summary>
/// <remarks>The reason is that of <see cref="WhenMissingAttribute"/>, or of the record's own property
/// <c>&lt;Name&gt;Reason</c>. Read back, a null is NaN where a number has to be, and so is the text <c>"NaN"</c>, which
/// earlier versions wrote.</remarks>
public static class ResultJson
{
    private const string Suffix = "_reason";
    private const string NotSaid = "it cannot be computed from what was measured";

    /// <summary>Indented, names in snake_case, quotes and accents unescaped where JSON allows.</summary>
    public static JsonSerializerOptions Format { get; } =
        new()
        {
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new NumberConverter() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddReasons } },
        };

    private static void AddReasons(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (
            var property in type
                .Properties.Where(p => p.Get is not null && (HasNumbers(p.PropertyType) || Said(p) is not null))
                .ToArray()
        )
        {
            var name = property.Name + Suffix;
            if (type.Properties.Any(other => other.Name == name))
                continue;
            var (get, why) = (property.Get!, Said(property) ?? NotSaid);
            var reason = type.CreateJsonPropertyInfo(typeof(string), name);
            reason.Get = owner => IsMissing(get(owner)) ? why : null;
            reason.ShouldSerialize = (_, value) => value is not null;
            type.Properties.Insert(type.Properties.IndexOf(property) + 1, reason);
        }
    }

    private static string? Said(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(WhenMissingAttribute), inherit: true)
            is [WhenMissingAttribute known, ..]
            ? known.Reason
            : null;

    private static bool HasNumbers(Type type)
    {
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(double))
            return true;
        if (type.IsArray)
            return type.GetElementType() == typeof(double);
        return type.IsGenericType && type.GetGenericArguments()[^1] == typeof(double);
    }

    private static bool IsMissing(object? value) =>
        value switch
        {
            null => true,
            double number => !double.IsFinite(number),
            IDictionary map => map.Values.OfType<double>().Any(number => !double.IsFinite(number)),
            IEnumerable<double> list => list.Any(number => !double.IsFinite(number)),
            _ => false,
        };

    private sealed class NumberConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType switch
            {
                JsonTokenType.Null => double.NaN,
                JsonTokenType.String => reader.GetString() switch
                {
                    "NaN" => double.NaN,
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    var other => throw new JsonException($"'{other}' is not a number."),
                },
                _ => reader.GetDouble(),
            };

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
