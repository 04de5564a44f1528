using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Palimpsest.Inference.Tests;

public sealed partial class JsonConstraintPropertyTests
{
    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 60)]
    public void Whatever_the_model_a_text_that_ends_is_valid_by_its_schema(int seed, int budget)
    {
        var random = new SeededRandom((ulong)seed);
        var schemas = new RandomSchemas(random);
        var (read, ended) = (0, 0);
        for (var round = 0; round < 100; round++)
        {
            var schema = schemas.Next();
            OutputConstraint constraint;
            try
            {
                constraint = OutputConstraint.Json(ConstrainedText.Json, JsonSerializer.SerializeToElement(schema));
            }
            catch (InputException error) when (error.Message.Contains("no JSON", StringComparison.Ordinal))
            {
                continue;
            }

            read++;
            for (var i = 0; i < 3; i++)
            {
                var (text, tokens, hasEnded) = ConstrainedText.Write(constraint, ConstrainedText.Json, random, budget);
                if (!hasEnded)
                {
                    Assert.True(budget < 300, $"{text}\n{schema.ToJsonString()}");
                    continue;
                }

                ended++;
                Assert.InRange(tokens, 1, budget);
                using var json = JsonDocument.Parse(Marked().Replace(text, OneLetter));
                var result = JsonSchema.FromText(schema.ToJsonString()).Evaluate(json.RootElement);
                Assert.True(result.IsValid, $"{text}\n{schema.ToJsonString()}");
                using var whole = JsonDocument.Parse(text);
                AssertNamesOnce(whole.RootElement);
            }
        }

        Assert.InRange(read, 75, 100);
        Assert.True(ended > 2.9 * read, $"{ended} of {3 * read} texts ended");
    }

    private static void AssertNamesOnce(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
                AssertNamesOnce(item);
        }
        else if (json.ValueKind == JsonValueKind.Object)
        {
            var names = json.EnumerateObject().Select(member => member.Name).ToArray();
            Assert.Equal(names.Distinct(), names);
            foreach (var member in json.EnumerateObject())
                AssertNamesOnce(member.Value);
        }
    }

    // The library counts what a reader sees as one letter; JSON Schema counts code points, as we do.
    private static string OneLetter(Match match) => match.Value == @"\\" ? match.Value : "x";

    [GeneratedRegex(@"\\\\|\\r|\\u(?!0009)[0-9a-fA-F]{4}|[\uD800-\uDBFF][\uDC00-\uDFFF]|[\u0180-\uFFFF]")]
    private static partial Regex Marked();
}
