using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>Reads numbers and their bounds.</summary>
internal sealed class SchemaBounds(JsonSchemaReader reader, string place)
{
    private const int FewDecimals = 6;
    private const int MostDecimals = 12;
    private const decimal Largest = 999_999_999_999_999;

    private static readonly string[] Keywords = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    /// <summary>Whole numbers.</summary>
    public SchemaNode Whole(JsonElement schema) => Range(schema, decimals: 0);

    /// <summary>Numbers; within bounds they are written without an exponent.</summary>
    public SchemaNode Number(JsonElement schema)
    {
        var bounds = Keywords.Select(keyword => Bound(schema, keyword)).OfType<decimal>().ToArray();
        if (bounds.Length == 0)
            return new NumberNode();
        var decimals = bounds.Max(bound => (int)bound.Scale);
        return decimals <= MostDecimals
            ? Range(schema, Math.Max(FewDecimals, decimals))
            : throw reader.Error(place, $"a bound has {decimals} digits after the point; allowed are {MostDecimals}.");
    }

    private RangeNode Range(JsonElement schema, int decimals)
    {
        var unit = (Int128)1;
        for (var i = 0; i < decimals; i++)
            unit *= 10;
        var (least, most) = (-(Int128)Largest * unit, (Int128)Largest * unit);
        if (Bound(schema, "minimum") is { } minimum)
            least = Int128.Max(least, Units(minimum, unit, up: true));
        if (Bound(schema, "exclusiveMinimum") is { } above)
            least = Int128.Max(least, Units(above, unit, up: false) + 1);
        if (Bound(schema, "maximum") is { } maximum)
            most = Int128.Min(most, Units(maximum, unit, up: false));
        if (Bound(schema, "exclusiveMaximum") is { } below)
            most = Int128.Min(most, Units(below, unit, up: true) - 1);
        return new(least, most, decimals);
    }

    private decimal? Bound(JsonElement schema, string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Number)
            throw reader.Error(place, $"'{keyword}' is {JsonField.Shown(value.ToString())}, not a number.");
        // Beyond what is written anyway, a bound says nothing, or everything.
        if (!value.TryGetDecimal(out var bound) || Math.Abs(bound) > Largest + 1)
            return value.GetDouble() > 0 ? Largest + 1 : -Largest - 1;
        return bound;
    }

    private static Int128 Units(decimal bound, Int128 unit, bool up)
    {
        var whole = decimal.Floor(bound);
        var units = (Int128)whole * unit;
        var rest = (bound - whole) * (decimal)unit;
        return units + (Int128)(up ? decimal.Ceiling(rest) : decimal.Floor(rest));
    }
}
