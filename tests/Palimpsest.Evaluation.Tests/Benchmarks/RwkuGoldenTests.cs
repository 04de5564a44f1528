using System.Text.Json;
using Palimpsest.Checkpoints;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

/// <summary>Values of the authors' code with rouge 1.0.1.</summary>
[Trait("Category", "Golden")]
public sealed class RwkuGoldenTests : IDisposable
{
    private static readonly string Folder = GoldenFolder.TryGet("systems", "rwku")!;
    private static readonly JsonElement Reference = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(Folder, "reference.json")))
        .RootElement;

    private readonly SafetensorsFile _tensors = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));

    public void Dispose() => _tensors.Dispose();

    [Fact]
    public void The_union_of_common_words_is_that_of_the_package()
    {
        var (recall, precision) = (Doubles("rouge.rouge-l.r"), Doubles("rouge.rouge-l.p"));
        var pairs = Reference.GetProperty("rouge").GetProperty("pairs").EnumerateArray().ToArray();
        Assert.True(pairs.Length >= 10);
        foreach (var (i, pair) in pairs.Index())
        {
            var overlap = SummaryRouge.L(Text(pair, "reference"), Text(pair, "hypothesis"));
            Assert.Equal(recall[i], overlap.Recall, 1e-9);
            Assert.Equal(precision[i], overlap.Precision, 1e-9);
        }

        Assert.Equal((0.0, 0.0), (SummaryRouge.L("a", "...").Recall, SummaryRouge.L("a", " ").Recall));
    }

    [Fact]
    public async Task Prompts_and_scores_of_canned_answers_are_those_of_the_reference()
    {
        var forget = Reference.GetProperty("forget");
        var (probes, outputs) = (Probes(forget), forget.GetProperty("canned_outputs").EnumerateArray().ToArray());
        // One canned answer stands for each probe, whatever its prompt is; the reference may have had more.
        var plain = forget.GetProperty("plain");
        var next = 0;
        var model = new TaskModel(_ => outputs[next++].GetString()!, (_, _) => -1);
        var result = await new RwkuTask(new() { Probes = probes }, new()).RunAsync(model, new());
        double[] expected =
        [
            .. plain.GetProperty("rouge_l_recall_level_1_2_3").EnumerateArray().Select(value => value.GetDouble()),
        ];
        Assert.Equal(expected[0], result["forget, blanks"].Level.Value, 1e-9);
        Assert.Equal(expected[1], result["forget, questions"].Level.Value, 1e-9);
        Assert.Equal(expected[2], result["forget, attacks"].Level.Value, 1e-9);
        foreach (var (assembly, probe) in plain.GetProperty("assembly").EnumerateArray().Zip(probes))
        {
            var turn = RwkuPrompts.Turn(probe, new());
            var at = turn.IndexOf(probe.Query, StringComparison.Ordinal);
            var before = Text(assembly, "text_right_before_query");
            Assert.Equal(Text(assembly, "appended_to_assistant_turn"), RwkuPrompts.Beginning(probe, new()));
            Assert.EndsWith("\n" + before, turn[..at], StringComparison.Ordinal);
            Assert.Equal(Text(assembly, "text_after_query"), turn[(at + probe.Query.Length)..]);
            Assert.Equal(assembly.GetProperty("lines_before_query").GetInt32(), turn[..at].Count(c => c == '\n'));
        }
    }

    [Fact]
    public void Entropy_of_every_text_is_that_of_the_reference()
    {
        var fluency = Reference.GetProperty("fluency");
        foreach (
            var (tokens, expected) in fluency
                .GetProperty("tokens")
                .EnumerateArray()
                .Zip(fluency.GetProperty("per_text").EnumerateArray())
        )
            Assert.Equal(
                expected.GetDouble(),
                NGramEntropy.Fluency([.. tokens.EnumerateArray().Select(token => token.GetString()!)]),
                1e-9
            );
    }

    [Fact]
    public void Answers_are_normalised_and_compared_as_the_reference_does()
    {
        var trivia = Reference.GetProperty("triviaqa");
        foreach (var (i, said) in trivia.GetProperty("predictions").EnumerateArray().Index())
        {
            string[] right =
            [
                .. trivia.GetProperty("references")[i].EnumerateArray().Select(text => text.GetString()!),
            ];
            var text = said.GetString()!;
            Assert.Equal(trivia.GetProperty("normalised")[i].GetString(), string.Join(' ', AnswerOverlap.Words(text)));
            Assert.Equal(trivia.GetProperty("f1")[i].GetDouble(), AnswerOverlap.F1(right, text), 1e-9);
            Assert.Equal(trivia.GetProperty("em")[i].GetInt32() == 1, AnswerOverlap.IsExact(right, text));
        }
    }

    [Fact]
    public void Both_scores_of_true_answers_are_those_of_the_reference()
    {
        var truthful = Reference.GetProperty("truthfulqa");
        foreach (var (i, question) in truthful.GetProperty("questions").EnumerateArray().Index())
        {
            var (right, wrong) = Sums(truthful, i, question.GetProperty("mc1_targets"));
            Assert.Equal(truthful.GetProperty("mc1")[i].GetDouble() == 1, TruthfulChoice.One(right[0], wrong));
            (right, wrong) = Sums(truthful, i, question.GetProperty("mc2_targets"));
            Assert.Equal(truthful.GetProperty("mc2")[i].GetDouble(), TruthfulChoice.Share(right, wrong), 1e-6);
        }
    }

    [Fact]
    public async Task Membership_scores_and_answers_of_a_trained_model_are_those_of_the_reference()
    {
        if (GoldenFolder.TryGet("tofu-small", "full") is not { } folder)
        {
            Assert.Skip("the trained model is not in this folder of reference values");
            return;
        }

        using var model = LanguageModel.Load(folder);
        var texts = Reference
            .GetProperty("mia")
            .GetProperty("texts")
            .EnumerateArray()
            .Select(text => text.GetString()!);
        var probes = Probes(Reference.GetProperty("forget")).Take(4);
        var data = new RwkuData
        {
            Probes = [.. probes],
            Texts = [.. texts.Select(text => new RwkuText(true, "t", text))],
        };
        var result = await new RwkuTask(data, new()).RunAsync(model, new());
        foreach (
            var (score, tensor) in new[]
            {
                ("log-likelihood", "loss"),
                ("zlib", "zlib"),
                ("min-k", "mink_0.2"),
                ("min-k++", "mink++_0.2"),
            }
        )
        {
            var expected = Doubles($"mia.{tensor}");
            double[] actual =
            [
                .. result.Items.Where(item => item.Score == $"{score} of forget texts").Select(item => item.Value),
            ];
            Assert.Equal(expected.Length, actual.Length);
            foreach (var (a, b) in expected.Zip(actual))
                Assert.True(
                    double.IsNaN(a) ? double.IsNaN(b) : Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a)),
                    $"{score}: {a} {b}"
                );
        }

        Assert.Equal(
            Reference
                .GetProperty("neighbour_with_model")
                .GetProperty("predictions")
                .EnumerateArray()
                .Select(text => text.GetString()),
            result.Items.Take(4).Select(item => item.Said)
        );
    }

    private static (double[] Right, double[] Wrong) Sums(JsonElement truthful, int question, JsonElement targets)
    {
        var sums = truthful.GetProperty("sum_log_prob")[question];
        var pairs = targets
            .GetProperty("choices")
            .EnumerateArray()
            .Zip(targets.GetProperty("labels").EnumerateArray())
            .Select(pair =>
                (Sum: sums.GetProperty(pair.First.GetString()!).GetDouble(), Right: pair.Second.GetInt32() == 1)
            )
            .ToArray();
        return (
            [.. pairs.Where(pair => pair.Right).Select(pair => pair.Sum)],
            [.. pairs.Where(pair => !pair.Right).Select(pair => pair.Sum)]
        );
    }

    private static RwkuProbe[] Probes(JsonElement forget) =>
        [
            .. forget
                .GetProperty("probes")
                .EnumerateArray()
                .Select(row => new RwkuProbe(
                    Text(row, "level") switch
                    {
                        "1" => RwkuSet.ForgetBlank,
                        "2" => RwkuSet.ForgetQuestion,
                        _ => RwkuSet.ForgetAttack,
                    },
                    "t",
                    Text(row, "subject"),
                    Text(row, "type"),
                    Text(row, "query"),
                    Text(row, "answer")
                )),
        ];

    private double[] Doubles(string name)
    {
        using var tensor = _tensors.Read(name);
        using var doubles = tensor.to_type(ScalarType.Float64);
        return doubles.data<double>().ToArray();
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
