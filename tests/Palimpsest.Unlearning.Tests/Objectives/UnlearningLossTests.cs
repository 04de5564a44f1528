using System.Text.Json;
using Palimpsest.Models;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class UnlearningLossTests
{
    private static readonly Dictionary<string, (Func<IForgetObjective> Objective, ForgetOptions Options, bool All)> Losses = new()
    {
        ["ga"] = (() => new GradientAscent(), new GradientAscentOptions(), false),
        ["graddiff_nll"] = (() => new GradientAscent(), new GradientAscentOptions { Retain = RetainTerm.Nll }, false),
        ["graddiff_kl"] = (() => new GradientAscent(), new GradientAscentOptions { Retain = RetainTerm.Kl }, false),
        ["graddiff_kl_all"] = (() => new GradientAscent(), new GradientAscentOptions { Retain = RetainTerm.Kl }, true),
        ["kl_all"] = (() => new GradientAscent(), new GradientAscentOptions { Retain = RetainTerm.Kl, ForgetWeight = 0 }, true),
        ["npo_beta0.1"] = (() => new Npo(new()), new NpoOptions(), false),
        ["npo_beta0.1_rt"] = (() => new Npo(new()), new NpoOptions { Retain = RetainTerm.Nll }, false),
        ["npo_beta1_kl_all"] = (() => new Npo(new() { Beta = 1 }), new NpoOptions { Retain = RetainTerm.Kl }, true),
        ["dpo_beta0.1_rt"] = (() => new Dpo(new()), new DpoOptions { Retain = RetainTerm.Nll }, false),
        ["simnpo_beta4.5_delta0"] = (() => new SimNpo(new()), new SimNpoOptions { Retain = RetainTerm.Nll }, false),
        ["simnpo_beta2.5_delta1"] = (() => new SimNpo(new() { Beta = 2.5, Delta = 1 }), new SimNpoOptions { Retain = RetainTerm.Nll, ForgetWeight = 1 }, false),
        ["undial_beta10_all"] = (() => new Undial(new()), new UndialOptions(), true),
        ["wga_beta1"] = (() => new Wga(new()), new WgaOptions { Retain = RetainTerm.Nll }, false),
        ["wga_beta0.5_forget_only"] = (() => new Wga(new() { Beta = 0.5 }), new WgaOptions(), false),
        ["satimp_5_1"] = (() => new SatImp(new()), new SatImpOptions { Retain = RetainTerm.Nll, RetainWeight = 0.1 }, false),
        ["ceu_skip1"] = (() => new CeU(new() { SkipFirst = 1 }), new CeUOptions(), false),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Names))]
    public void Loss_gradients_and_three_steps_equal_the_reference(string name)
    {
        var folder = GoldenFolder.TryGet("unlearning");
        Assert.SkipWhen(folder is null, "there are no unlearning goldens");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder!, "reference.json")));
        Assert.SkipUnless(json.RootElement.GetProperty("losses").TryGetProperty(name, out var golden), $"no golden of '{name}'");
        using var scope = NewDisposeScope();
        using var policy = ModelFolder.Load(Path.Combine(folder!, "policy"));
        using var reference = ModelFolder.Load(Path.Combine(folder!, "reference"));
        using var batches = SafetensorsFile.Open(Path.Combine(folder!, "batches.safetensors"));
        var rate = json.RootElement.GetProperty("sgd_lr").GetDouble();
        var expected = golden.GetProperty("loss_after_sgd_steps").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        for (var step = 0; step < expected.Length; step++)
        {
            var (objective, options, all) = Losses[name];
            ScoredBatch Score(string batch) => Scored(policy, reference, batches, batch);
            var suffix = all ? "_all" : "";
            var loss = UnlearningLoss.Of(objective(), options, new(Score("forget" + suffix), Score("alternate"), Score("retain" + suffix)));
            AssertRelative(expected[step], loss.item<float>(), $"{name}, step {step}");
            policy.zero_grad();
            loss.backward();
            HoldPadding(policy);
            if (step == 0)
            {
                foreach (var norm in golden.GetProperty("gradient_norms").EnumerateObject())
                {
                    var parameter = policy.ParameterRefs.Single(p => p.Name == norm.Name);
                    AssertRelative(norm.Value.GetDouble(), parameter.Gradient()?.norm().item<float>() ?? 0, norm.Name);
                }
            }

            using var grad = no_grad();
            foreach (var parameter in policy.parameters())
            {
                if (parameter.grad is { } gradient)
                    parameter.add_(gradient, alpha: -rate);
            }
        }
    }

    [Fact]
    public void Every_published_loss_of_the_reference_that_is_implemented_is_tested()
    {
        var path = GoldenFolder.TryGet("unlearning", "reference.json");
        Assert.SkipWhen(path is null, "there are no unlearning goldens");
        using var json = JsonDocument.Parse(File.ReadAllText(path!));
        string[] later = ["pdu_first_step", "rmu_embed_diff", "rmu_nll"];
        Assert.Empty(json.RootElement.GetProperty("losses").EnumerateObject().Select(l => l.Name).Except(Losses.Keys).Except(later));
    }

    private static ScoredBatch Scored(CausalLM policy, CausalLM reference, SafetensorsFile batches, string name)
    {
        var (ids, mask, labels) = (batches.Read($"{name}.input_ids"), batches.Read($"{name}.attention_mask"), batches.Read($"{name}.labels"));
        var batch = new TokenBatch(ids, mask.to(ScalarType.Bool), Labelled(labels), [.. Enumerable.Range(0, (int)ids.shape[0])]);
        Tensor Logits(CausalLM model) => model.Forward(new() { TokenIds = ids, AttentionMask = mask, HidesPadding = true, Positions = arange(ids.shape[1]).expand(ids.shape) }).Logits!;
        using var off = no_grad();
        var fixedLogits = Logits(reference);
        using var on = enable_grad();
        return ScoredBatch.FromLogits(batch, Logits(policy), fixedLogits);
    }

    /// <summary>The reference's embedding layer gives its padding row no gradient.</summary>
    private static void HoldPadding(CausalLM model)
    {
        if (model.Config.PadTokenId is { } pad)
            model.ParameterRefs.Single(p => p.Component == ModelComponent.Embedding).Gradient()?.select(0, pad).zero_();
    }

    private static Tensor Labelled(Tensor labels)
    {
        var mask = labels.ne(-100);
        mask.select(1, 0).fill_(false);
        return mask;
    }

    private static void AssertRelative(double expected, double actual, string what) =>
        Assert.True(Math.Abs(actual - expected) <= 1e-4 * Math.Max(1, Math.Abs(expected)), $"{what}: expected {expected}, was {actual}");
}
