using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

/// <summary>Losses of the NPO authors' trainer and their gradients with respect to the logits.</summary>
[Trait("Category", "Golden")]
public sealed partial class NpoGoldenTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Names()
    {
        var data = new TheoryData<string>();
        if (GoldenFolder.TryGet("systems", "npo", "reference.json") is not { } path)
            return [""];
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var loss in json.RootElement.GetProperty("losses").EnumerateObject())
            data.Add(loss.Name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_and_logit_gradients_equal_those_of_the_authors_code(string name)
    {
        Assert.SkipWhen(name.Length == 0, "there is no golden of systems/npo");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(GoldenFolder.TryGet("systems", "npo", "reference.json")!));
        using var tensors = SafetensorsFile.Open(GoldenFolder.TryGet("systems", "npo", "reference.safetensors")!);
        var batches = new[] { "forget", "idk", "retain" }.ToDictionary(b => b, b => Scored(tensors, b));
        var (objective, options) = Build(name);

        var loss = UnlearningLoss.Of(objective, options, new(batches["forget"], batches["idk"], batches["retain"]));
        loss.backward();

        AssertNear(json.RootElement.GetProperty("losses").GetProperty(name).GetDouble(), loss.item<float>(), name);
        foreach (var (batch, scored) in batches)
        {
            var key = $"grad.{name.Replace(' ', '.')}.{batch}";
            var actual = scored.Logits!.grad ?? zeros_like(scored.Logits);
            var expected = tensors.Names.Contains(key) ? tensors.Read(key) : zeros_like(scored.Logits);
            Assert.True(
                allclose(actual, expected, rtol: Tolerance, atol: Tolerance),
                $"{key}: differs by {(actual - expected).abs().max().item<float>()}"
            );
        }
    }

    [Theory]
    [InlineData("forget")]
    [InlineData("idk")]
    [InlineData("retain")]
    public void Sequence_sums_of_both_models_equal_those_of_the_authors_code(string batch)
    {
        var path = GoldenFolder.TryGet("systems", "npo", "reference.safetensors");
        Assert.SkipWhen(path is null, "there is no golden of systems/npo");
        using var scope = NewDisposeScope();
        using var tensors = SafetensorsFile.Open(path!);
        var scored = Scored(tensors, batch);
        Assert.True(allclose(scored.SequenceNll, tensors.Read($"{batch}.nll_sum"), rtol: Tolerance, atol: Tolerance));
        Assert.True(
            allclose(scored.ReferenceNll!, tensors.Read($"{batch}.reference_nll_sum"), rtol: Tolerance, atol: Tolerance)
        );
    }

    private static ScoredBatch Scored(SafetensorsFile tensors, string name)
    {
        var ids = tensors.Read($"{name}.input_ids");
        var labels = tensors.Read($"{name}.labels").ne(-100);
        labels.select(1, 0).fill_(false);
        var batch = new TokenBatch(
            ids,
            tensors.Read($"{name}.attention_mask").to(ScalarType.Bool),
            labels,
            [.. Enumerable.Range(0, (int)ids.shape[0])]
        );
        return ScoredBatch.FromLogits(
            batch,
            tensors.Read($"{name}.logits").requires_grad_(true),
            tensors.Read($"{name}.reference_logits")
        );
    }

    /// <summary>The objective of a name such as <c>npo_KL npo=2.0 kl=0.25 beta=0.5</c>.</summary>
    private static (IForgetObjective Objective, ForgetOptions? Options) Build(string name)
    {
        double Number(string key, double fallback) =>
            Setting().Matches(name).FirstOrDefault(m => m.Groups[1].Value == key) is { } found
                ? double.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture)
                : fallback;
        var kind = name.Split(' ')[0];
        var retain = kind.EndsWith("grad_diff", StringComparison.Ordinal) ? RetainTerm.Nll : RetainTerm.None;
        if (kind is "KL" || kind.EndsWith("_KL", StringComparison.Ordinal))
            retain = RetainTerm.Kl;
        var beta = Number("beta", 0.1);
        var weights = new NpoOptions
        {
            ForgetWeight = Number("npo", 1),
            RetainWeight = Number(retain == RetainTerm.Kl ? "kl" : "gd", 1),
            Retain = retain,
        };
        return kind switch
        {
            "idk" => (new Idk(), null),
            "grad_ascent_forgetKL" => (new AscentWithForgetKl(), weights),
            "grad_ascent" or "grad_diff" or "KL" => (new GradientAscent(), weights),
            "dpo" or "dpo_grad_diff" or "dpo_KL" => (new Dpo(new() { Beta = beta }), weights),
            "npo" or "npo_grad_diff" or "npo_KL" => (new Npo(new() { Beta = beta }), weights),
            "kto_sigmoid" or "kto_sigmoid_grad_diff" => (
                new Kto(new() { Beta = beta, Link = KtoLink.Sigmoid }),
                weights
            ),
            "kto_logsigmoid" or "kto_logsigmoid_grad_diff" => (
                new Kto(new() { Beta = beta, Link = KtoLink.LogSigmoid }),
                weights
            ),
            _ => throw new InvalidOperationException($"The golden has a loss that no test knows: '{name}'."),
        };
    }

    private static void AssertNear(double expected, double actual, string what) =>
        Assert.True(
            Math.Abs(actual - expected) <= Tolerance * Math.Max(1, Math.Abs(expected)),
            $"{what}: expected {expected}, was {actual}"
        );

    [GeneratedRegex(@"(\w+)=([\d.]+)")]
    private static partial Regex Setting();
}
