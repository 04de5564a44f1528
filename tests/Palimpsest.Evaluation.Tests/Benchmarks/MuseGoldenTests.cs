using System.Text.Json;
using Palimpsest.Checkpoints;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

/// <summary>Values of the authors' code, run on two small models that were trained on a part of TOFU.</summary>
[Trait("Category", "Golden")]
public sealed class MuseGoldenTests : IDisposable
{
    private static readonly string Folder = GoldenFolder.TryGet("systems", "muse")!;
    private static readonly JsonElement Reference = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(Folder, "reference.json")))
        .RootElement;

    private readonly SafetensorsFile _tensors = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));

    public void Dispose() => _tensors.Dispose();

    [Fact]
    public void Rouge_of_every_pair_is_that_of_the_reference()
    {
        var (f1, recall) = (Doubles("rouge.rougeL"), Doubles("rouge.rougeL_recall"));
        var pairs = Reference.GetProperty("rouge").GetProperty("pairs").EnumerateArray().ToArray();
        Assert.True(pairs.Length >= 10);
        foreach (var (i, pair) in pairs.Index())
        {
            var overlap = Rouge.L(Text(pair, "gt"), Text(pair, "output"), stem: false);
            Assert.Equal((f1[i], recall[i]), (overlap.F1, overlap.Recall), Near);
        }
    }

    [Fact]
    public void Answers_are_cut_where_the_reference_cuts_them()
    {
        var cut = Reference.GetProperty("cut");
        foreach (
            var (input, output) in cut.GetProperty("input")
                .EnumerateArray()
                .Zip(cut.GetProperty("output").EnumerateArray())
        )
            Assert.Equal(output.GetString(), MuseScores.Cut(input.GetString()!));
    }

    [Fact]
    public void The_stopping_rule_ends_where_the_references_does()
    {
        var stopping = Reference.GetProperty("stopping");
        var evaluated = stopping
            .GetProperty("evaluated_in_order")
            .EnumerateArray()
            .Select(e => e.GetString()!)
            .ToArray();
        foreach (var curve in stopping.GetProperty("curves").EnumerateObject())
        {
            double[] values = [.. curve.Value.EnumerateArray().Select(value => value.GetDouble())];
            var (place, _) = MuseScores.Stop(values, stopping.GetProperty("retrain").GetDouble());
            Assert.Equal(
                evaluated.Count(name => name.StartsWith(curve.Name + "/", StringComparison.Ordinal)),
                place + 1
            );
        }
    }

    [Fact]
    public void Membership_scores_and_areas_are_those_of_the_reference()
    {
        var areas = Reference.GetProperty("privleak").GetProperty("auc").GetProperty("forget_holdout");
        foreach (var percent in new[] { 20, 40, 60 })
        {
            var options = new MuseOptions { MinKShare = percent / 100.0, AtLeastOneToken = false };
            var (forget, holdout) = (Scores("forget", options), Scores("holdout", options));
            // The reference's feature is the same number; its area gives the first split the label 0.
            Assert.Equal(Doubles($"privleak.forget.Min-{percent}%"), forget, Near);
            Assert.Equal(Doubles($"privleak.holdout.Min-{percent}%"), holdout, Near);
            Assert.Equal(
                areas.GetProperty($"Min-{percent}%").GetProperty("auc").GetDouble(),
                1 - RocAuc.Of(forget, holdout),
                1e-9
            );
        }

        var tooFew = new MuseOptions { MinKShare = 0.1, AtLeastOneToken = false };
        Assert.Contains(double.NaN, Scores("holdout", tooFew));
    }

    [Fact]
    public async Task Texts_and_scores_of_a_trained_model_are_those_of_the_reference()
    {
        if (GoldenFolder.TryGet("tofu-small", "full") is not { } folder)
        {
            Assert.Skip("the trained model is not in this folder of reference values");
            return;
        }

        using var model = LanguageModel.Load(folder);
        var (verbmem, knowmem) = (Reference.GetProperty("verbmem"), Reference.GetProperty("knowmem"));
        var texts = Reference.GetProperty("privleak").GetProperty("texts");
        var data = new MuseData
        {
            Verbatim =
            [
                .. verbmem
                    .GetProperty("data")
                    .EnumerateArray()
                    .Select(row => new MuseContinuation(Text(row, "prompt"), Text(row, "gt"))),
            ],
            ForgetQuestions = Rows(knowmem.GetProperty("data")),
            RetainQuestions = [new() { Question = "Who?", Answer = "Nobody" }],
            ForgetExamples = Rows(knowmem.GetProperty("icl")),
            Members = [.. texts.GetProperty("forget").EnumerateArray().Select(text => text.GetString()!)],
            Others = [.. texts.GetProperty("holdout").EnumerateArray().Select(text => text.GetString()!)],
        };
        var options = new MuseOptions
        {
            VerbatimTokens = verbmem.GetProperty("max_new_tokens").GetInt32(),
            AnswerTokens = knowmem.GetProperty("max_new_tokens").GetInt32(),
            AtLeastOneToken = false,
        };
        var result = await new MuseTask(data, options).RunAsync(model, new());
        Same(verbmem, [.. result.Items.Where(item => item.Score == MuseTask.VerbMem)]);
        Same(knowmem, [.. result.Items.Where(item => item.Score == MuseTask.KnowMem)]);
        Assert.Equal(
            Reference
                .GetProperty("privleak")
                .GetProperty("auc")
                .GetProperty("forget_holdout")
                .GetProperty("Min-40%")
                .GetProperty("auc")
                .GetDouble(),
            1 - result[MuseTask.Auc].Level.Value,
            1e-9
        );
    }

    private static void Same(JsonElement part, BenchmarkItem[] items)
    {
        foreach (var (expected, item) in part.GetProperty("items").EnumerateArray().Zip(items))
        {
            Assert.Equal((Text(expected, "gt"), Text(expected, "response")), (item.Expected, item.Said));
            Assert.Equal(expected.GetProperty("rougeL").GetDouble(), item.Value, 1e-9);
        }

        Assert.Equal(
            part.GetProperty("report").GetProperty("mean_rougeL").GetDouble(),
            items.Average(item => item.Value),
            1e-9
        );
    }

    private double[] Scores(string split, MuseOptions options)
    {
        using var scope = NewDisposeScope();
        var all = _tensors.Read($"privleak.{split}.token_logprob");
        var (rows, width) = ((int)all.shape[0], (int)all.shape[1]);
        var flat = all.to_type(ScalarType.Float32).reshape(-1).data<float>().ToArray();
        return
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row =>
                    MuseScores.MinK(
                        [.. flat.AsSpan(row * width, width).ToArray().TakeWhile(value => !float.IsNaN(value))],
                        options
                    )
                ),
        ];
    }

    private double[] Doubles(string name)
    {
        using var tensor = _tensors.Read(name);
        using var doubles = tensor.to_type(ScalarType.Float64);
        return doubles.data<double>().ToArray();
    }

    private static bool Near((double, double) a, (double, double) b) =>
        Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-9;

    private static bool Near(double a, double b) =>
        double.IsNaN(a) ? double.IsNaN(b) : Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a));

    private static QuestionAnswer[] Rows(JsonElement rows) =>
        [
            .. rows.EnumerateArray()
                .Select(row => new QuestionAnswer { Question = Text(row, "question"), Answer = Text(row, "answer") }),
        ];

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
