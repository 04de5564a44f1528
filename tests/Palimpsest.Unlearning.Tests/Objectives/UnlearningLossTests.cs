using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class UnlearningLossTests
{
    public static TheoryData<string> Names()
    {
        if (GoldenFolder.TryGet("unlearning", "reference.json") is not { } path)
            return [""];
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return [.. json.RootElement.GetProperty("losses").EnumerateObject().Select(loss => loss.Name)];
    }

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Names))]
    public void Loss_gradients_and_three_steps_equal_the_reference(string name)
    {
        var folder = GoldenFolder.TryGet("unlearning");
        Assert.SkipWhen(name.Length == 0, "there are no unlearning goldens");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder!, "reference.json")));
        var golden = json.RootElement.GetProperty("losses").GetProperty(name);
        using var scope = NewDisposeScope();
        using var policy = ModelFolder.Load(Path.Combine(folder!, "policy"));
        using var reference = ModelFolder.Load(Path.Combine(folder!, "reference"));
        using var batches = SafetensorsFile.Open(Path.Combine(folder!, "batches.safetensors"));
        var (objective, options) = Build(name, golden.GetProperty("what").GetString()!, batches);
        var rate = json.RootElement.GetProperty("sgd_lr").GetDouble();
        var expected = golden.GetProperty("loss_after_sgd_steps").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        for (var step = 0; step < expected.Length; step++)
        {
            ScoredBatch Score(string batch) => Scored(policy, reference, batches, batch);
            var suffix = name.EndsWith("_all", StringComparison.Ordinal) ? "_all" : "";
            HiddenBatch States(string batch) => Hidden((policy, reference), batches, batch, objective);
            var loss = UnlearningLoss.Of(
                objective,
                options,
                objective.HiddenLayer(policy.Config) is null
                    ? new(Score("forget" + suffix), Score("alternate"), Score("retain" + suffix))
                    : new(null, null, Score("retain"))
                    {
                        ForgetHidden = States("forget"),
                        RetainHidden = States("retain"),
                    }
            );
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

    /// <summary>The loss of a name such as <c>npo_beta0.1_rt</c> with what the reference says of its weights.</summary>
    private static (IForgetObjective Objective, ForgetOptions? Options) Build(
        string name,
        string what,
        SafetensorsFile batches
    )
    {
        double Number(string key, double fallback) => Read(name, key + @"([\d.]+)") ?? fallback;
        var (kind, numbers) = (name.Split('_')[0], name.Split('_').Skip(1).ToArray());
        var retain =
            numbers.Contains("kl") || kind == "kl" ? RetainTerm.Kl
            : numbers.Contains("rt")
            || numbers.Contains("nll")
            || (kind is "simnpo" or "satimp" or "wga" && !numbers.Contains("only"))
                ? RetainTerm.Nll
            : RetainTerm.None;
        if (kind == "rmu")
        {
            var rmu = new RmuOptions
            {
                Layer = (int)(Read(what, @"decoder layer (\d+)") ?? 1),
                Steering = Read(what, @"control_direction \* ([\d.]+)") ?? 2,
                Averages = HiddenMean.Released,
                Retain = numbers.Contains("nll") ? RetainTerm.Nll : RetainTerm.Hidden,
            };
            return (new Rmu(rmu, batches.Read("control_direction").data<float>().ToArray()), rmu);
        }

        if (kind == "pdu")
            return (new Pdu(new() { RetainWeight = 1.5, RetainLoss = 0.3 }), null);
        var weights = new GradientAscentOptions
        {
            Retain = retain,
            ForgetWeight = kind == "kl" ? 0 : Read(what, @"gamma ([\d.]+)") ?? 1,
            RetainWeight = Read(what, @"alpha ([\d.]+)") ?? 1,
        };
        return (
            kind switch
            {
                "ga" or "graddiff" or "kl" => new GradientAscent(),
                "npo" => new Npo(new() { Beta = Number("beta", 0.1) }),
                "dpo" => new Dpo(new() { Beta = Number("beta", 0.1) }),
                "simnpo" => new SimNpo(new() { Beta = Number("beta", 4.5), Delta = Number("delta", 0) }),
                "undial" => new Undial(new() { Beta = Number("beta", 10) }),
                "wga" => new Wga(new() { Beta = Number("beta", 1) }),
                "satimp" => new SatImp(new() { Beta1 = Number("satimp_", 5), Beta2 = Number(@"satimp_[\d.]+_", 1) }),
                "ceu" => new CeU(new() { SkipFirst = (int)Number("skip", 1) }),
                _ => throw new InvalidOperationException($"The golden has a loss that no test knows: '{name}'."),
            },
            weights
        );
    }

    private static double? Read(string text, string pattern) =>
        Regex.Match(text, pattern) is { Success: true } match
            ? double.Parse(match.Groups[1].Value.TrimEnd('.'), CultureInfo.InvariantCulture)
            : null;

    private static ScoredBatch Scored(CausalLM policy, CausalLM reference, SafetensorsFile batches, string name)
    {
        var (ids, mask, labels) = (
            batches.Read($"{name}.input_ids"),
            batches.Read($"{name}.attention_mask"),
            batches.Read($"{name}.labels")
        );
        var batch = new TokenBatch(
            ids,
            mask.to(ScalarType.Bool),
            Labelled(labels),
            [.. Enumerable.Range(0, (int)ids.shape[0])]
        );
        Tensor Logits(CausalLM model) =>
            model
                .Forward(
                    new()
                    {
                        TokenIds = ids,
                        AttentionMask = mask,
                        HidesPadding = true,
                        Positions = arange(ids.shape[1]).expand(ids.shape),
                    }
                )
                .Logits!;
        using var off = no_grad();
        var fixedLogits = Logits(reference);
        using var on = enable_grad();
        return ScoredBatch.FromLogits(batch, Logits(policy), fixedLogits);
    }

    private static HiddenBatch Hidden(
        (CausalLM Policy, CausalLM Reference) models,
        SafetensorsFile batches,
        string name,
        IForgetObjective objective
    )
    {
        var layer = objective.HiddenLayer(models.Policy.Config)!.Value;
        var ids = batches.Read($"{name}.input_ids");
        Tensor States(CausalLM model)
        {
            using var recorder = new ActivationRecorder(new TapSite(layer, TapPoint.BlockOutput));
            using (model.Attach(recorder))
            {
                model.Forward(
                    new()
                    {
                        TokenIds = ids,
                        AttentionMask = batches.Read($"{name}.attention_mask"),
                        HidesPadding = true,
                        Positions = arange(ids.shape[1]).expand(ids.shape),
                    }
                );
            }

            return recorder[layer, TapPoint.BlockOutput].alias();
        }

        using var off = no_grad();
        var fixedStates = States(models.Reference);
        using var on = enable_grad();
        return new(
            new(ids, ids != -1, batches.Read($"{name}.labels").ne(-100), [.. Enumerable.Range(0, (int)ids.shape[0])]),
            States(models.Policy),
            fixedStates
        );
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
        Assert.True(
            Math.Abs(actual - expected) <= 1e-4 * Math.Abs(expected),
            $"{what}: expected {expected}, was {actual}"
        );
}
