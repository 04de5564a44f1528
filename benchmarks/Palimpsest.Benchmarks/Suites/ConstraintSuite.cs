using System.Text.Json;
using Palimpsest.Inference;

namespace Palimpsest.Benchmarks;

/// <summary>Greedy decoding held to a JSON schema beside decoding as it comes, at a vocabulary of 49,152.</summary>
/// <remarks>The vocabulary is one of made-up words; the suite of SmolLM2 measures the same with its own.</remarks>
internal sealed class ConstraintSuite : ISuite
{
    private const int Ids = 49152;
    private const int Prompt = 32;
    private const int Rounds = 9;
    private const double MostOfAStep = 1.1;

    private static readonly JsonElement Schema = JsonElement.Parse(
        """
        {
          "type": "object",
          "properties": {
            "name": {"type": "string", "maxLength": 60},
            "kind": {"enum": ["person", "place", "thing"]},
            "age": {"type": "integer", "minimum": 0, "maximum": 120},
            "known": {"type": "boolean"},
            "scores": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 8},
            "address": {
              "type": "object",
              "properties": {"street": {"type": "string"}, "number": {"type": "integer"}},
              "required": ["street", "number"]
            },
            "notes": {"type": "string", "maxLength": 400}
          },
          "required": ["name", "kind", "age", "known", "scores", "address", "notes"]
        }
        """
    );

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        Tokenizer? words = null;
        foreach (var like in sizes.Where(size => size.Name is "14M" or "100M"))
        {
            var size = like with { Vocabulary = Ids };
            using var model = new LanguageModel(size.Build(), words ??= MadeUpWords(), size.Name);
            Measure(report, model, size);
        }
    }

    /// <summary>Adds the rows of a model: with a constraint that has been used before, and with a new one.</summary>
    public static void Measure(Report report, LanguageModel model, ModelSize size)
    {
        OutputConstraint New() => OutputConstraint.Json(model.Tokenizer, Schema);
        var known = New();
        var tokens = Tokens(model, size, known);
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(
                Rounds,
                () => Continue(model, size, new() { MaxNewTokens = tokens }),
                () => Tokens(model, size, known),
                () => Tokens(model, size, New())
            )
        );
        foreach (var (place, setting) in new[] { (1, "schema, used before"), (2, "schema, new") })
        {
            report.Add(
                new()
                {
                    Bench = "constraints",
                    Size = size.Name,
                    Setting = $"{setting}, V {size.Vocabulary}",
                    Value = tokens / seconds[place],
                    Unit = "tokens/s",
                    Gflops = gflops,
                    Against = "the time without",
                    Ratio = seconds[place] / seconds[0],
                    Goal = new(MostOfAStep, AtLeast: false),
                }
            );
        }
    }

    private static int Tokens(LanguageModel model, ModelSize size, OutputConstraint constraint) =>
        Continue(model, size, new() { MaxNewTokens = 256, LogitProcessors = [constraint] });

    private static int Continue(LanguageModel model, ModelSize size, GenerationOptions options)
    {
        int[] prompt = [.. size.Tokens(1, Prompt, seed: 7).Select(id => (int)id)];
        return model.GenerateAsync([prompt], options).GetAwaiter().GetResult()[0].Length;
    }

    private static Tokenizer MadeUpWords()
    {
        const string consonants = "bcdfghklmnprstvz";
        const string vowels = "aeiou";
        var random = new SeededRandom(1);
        string Word() =>
            string.Concat(
                Enumerable
                    .Range(0, 2 + random.Below(3))
                    .Select(_ => $"{consonants[random.Below(16)]}{vowels[random.Below(5)]}")
            );
        string[] words = [.. Enumerable.Range(0, 60_000).Select(_ => $" {Word()}")];
        return BpeTrainer.Train(words, new() { VocabularySize = Ids, LeastCount = 1 });
    }
}
