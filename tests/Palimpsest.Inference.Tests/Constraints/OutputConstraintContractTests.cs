using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class OutputConstraintContractTests : LogitProcessorContract
{
    private static readonly Tokenizer Eight = EightTokens();

    // Drawn are 2, 7 and 2: after them four arrays are open.
    protected override ILogitProcessor Create() =>
        OutputConstraint.Json(Eight, JsonSerializer.SerializeToElement(new { type = "array" }));

    protected override ILogitProcessor? CreateIdle() => null;

    private static Tokenizer EightTokens()
    {
        using var folder = new TemporaryFolder();
        string[] tokens = ["a", "1", "[", "]", ",", "]]", "b", "[["];
        var root = new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["type"] = "WordLevel",
                ["unk_token"] = "a",
                ["vocab"] = new JsonObject(tokens.Select((t, i) => KeyValuePair.Create(t, (JsonNode?)i))),
            },
            ["decoder"] = new JsonObject { ["type"] = "Fuse" },
        };
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer.json"), root.ToJsonString());
        return Tokenizer.Load(folder.Path);
    }
}
