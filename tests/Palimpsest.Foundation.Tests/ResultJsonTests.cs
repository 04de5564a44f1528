using System.Text.Json;

namespace Palimpsest.Foundation.Tests;

public sealed class ResultJsonTests
{
    private static readonly JsonSerializerOptions s_oneLine = new(ResultJson.Format) { WriteIndented = false };

    private sealed record Sample(
        [property: WhenMissing("nobody was asked")] double Share,
        double? Later,
        IReadOnlyList<double> Row,
        IReadOnlyDictionary<string, double> ByName
    )
    {
        public int? Layer { get; init; }
    }

    private sealed record Own(double Value)
    {
        public string? ValueReason { get; init; }
    }

    [Fact]
    public void A_number_that_is_there_stands_alone()
    {
        var json = Write(new Sample(0.1, 2, [1, 0.5], new Dictionary<string, double> { ["a B"] = 3 }));
        Assert.Equal("""{"share":0.1,"later":2,"row":[1,0.5],"by_name":{"a B":3},"layer":null}""", json);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void One_that_is_missing_is_null_with_the_reason_beside_it(double missing)
    {
        const string why = "it cannot be computed from what was measured";
        var json = Write(new Sample(missing, null, [1, missing], new Dictionary<string, double> { ["a"] = missing }));
        Assert.Equal(
            $$$"""
            {"share":null,"share_reason":"nobody was asked","later":null,"later_reason":"{{{why}}}",
            "row":[1,null],"row_reason":"{{{why}}}","by_name":{"a":null},"by_name_reason":"{{{why}}}","layer":null}
            """.ReplaceLineEndings(""),
            json
        );
        Assert.Equal("""{"value":null,"value_reason":"late"}""", Write(new Own(missing) { ValueReason = "late" }));
    }

    [Fact]
    public void It_is_read_back_with_nulls_reasons_and_the_texts_of_earlier_versions()
    {
        Sample Read(string json) => JsonSerializer.Deserialize<Sample>(json, ResultJson.Format)!;
        var before = new Sample(double.NaN, null, [1, double.NaN], new Dictionary<string, double> { ["a"] = 2 });
        var now = Read(Write(before));
        Assert.True(double.IsNaN(now.Share));
        Assert.Null(now.Later);
        Assert.Equal([1, double.NaN], now.Row);
        Assert.Equal(2, now.ByName["a"]);
        var old = Read("""{"share":"NaN","later":1,"row":["Infinity","-Infinity"],"by_name":{}}""");
        Assert.True(double.IsNaN(old.Share));
        Assert.Equal([double.PositiveInfinity, double.NegativeInfinity], old.Row);
        Assert.Throws<JsonException>(() => Read("""{"share":"much","row":[],"by_name":{}}"""));
    }

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, s_oneLine);
}
