using System.Text;

namespace Palimpsest.Inference.Tests;

/// <summary>Texts of a constraint, written by random logits in the place of a model.</summary>
internal static class ConstrainedText
{
    /// <summary>Byte-level tokens of JSON: many hold quotes, braces and colons beside letters.</summary>
    public static Tokenizer Json { get; } =
        BpeTrainer.Train(
            [
                """{"name": "a b", "größe": 12.5, "list": [1, 2, {"a": null}, "x"], "ok": true, "no": false}""",
                """{"name":"q\"uote","nam":[],"a":{},"n\"q":"\u00e9","deep":[[["x"]]],"e":1e5}""",
            ],
            new() { VocabularySize = 420, LeastCount = 1 }
        );

    /// <summary>Writes until the text is over.</summary>
    /// <returns>The text, the number of tokens, and whether it ended by itself.</returns>
    public static (string Text, int Tokens, bool Ended) Write(
        ILogitProcessor constraint,
        Tokenizer tokenizer,
        SeededRandom random,
        int most
    )
    {
        var end = tokenizer.EosId!.Value;
        var row = constraint.Begin(new RowStart([], most, new HashSet<int> { end }));
        var (bytes, logits) = (new List<byte>(), new float[tokenizer.VocabularySize + 3]);
        // A model that likes to go on, and one that likes to end.
        var taste = (float)(random.Unit() * 4) - 2;
        for (var count = 1; count <= most; count++)
        {
            for (var id = 0; id < logits.Length; id++)
                logits[id] = (float)random.Unit() + (id == end ? taste : 0);
            row.Process(logits);
            var token = Array.IndexOf(logits, logits.Max());
            if (float.IsNegativeInfinity(logits[token]))
                Assert.Fail($"nothing can come after {Encoding.UTF8.GetString([.. bytes])}");
            row.Accept(token);
            if (token == end)
                return (Text(bytes), count, true);
            bytes.AddRange(tokenizer.BytesOf(token)!);
            if (row.IsComplete)
                return (Text(bytes), count, true);
        }

        return (Encoding.UTF8.GetString([.. bytes]), most, false);
    }

    private static string Text(List<byte> bytes) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
}
