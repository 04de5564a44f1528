using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Palimpsest.Inference.Tests;

public sealed class JsonConstraintPropertyTests
{
    [Theory]
    [InlineData(1, 400)]
    [InlineData(2, 60)]
    public void Whatever_the_model_a_text_that_ends_is_valid_by_its_schema(int seed, int budget)
    {
        var random = new SeededRandom((ulong)seed);
        var schemas = new RandomSchemas(random);
        var (read, ended) = (0, 0);
        var total = 0;
        var watch = new System.Diagnostics.Stopwatch();
        var watch2 = new System.Diagnostics.Stopwatch();
        for (var round = 0; round < 400; round++)
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
                watch.Start();
                var (text, tokens, hasEnded) = ConstrainedText.Write(constraint, ConstrainedText.Json, random, budget);
                watch.Stop();
                total += tokens;
                if (!hasEnded)
                {
                    Assert.True(budget < 400, $"{text}\n{schema.ToJsonString()}");
                    continue;
                }

                ended++;
                watch2.Start();
                var result = JsonSchema.FromText(schema.ToJsonString()).Evaluate(JsonDocument.Parse(text).RootElement);
                Assert.True(result.IsValid, $"{text}\n{schema.ToJsonString()}");
                watch2.Stop();
                _ = JsonNode.Parse(text)!;
            }
        }

        Assert.Fail($"{total} tokens {watch.Elapsed} {watch2.Elapsed}");
        Assert.InRange(read, 300, 400);
        Assert.True(ended > 2.9 * read, $"{ended} of {3 * read} texts ended");
    }
}
