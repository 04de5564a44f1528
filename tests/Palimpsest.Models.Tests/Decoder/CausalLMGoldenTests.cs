using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

[Trait("Category", "Golden")]
public sealed class CausalLMGoldenTests
{
    public static TheoryData<string, string> Names => GoldenModel.NamesAndConfigs;

    [Theory, MemberData(nameof(Names))]
    public void Logits_and_hidden_states_are_those_of_the_reference(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var golden = new GoldenModel(name, configFile);
        using var recorder = ActivationRecorder.HiddenStates(golden.Config);
        using var attached = golden.Model.Attach(recorder);
        var output = golden.Model.Forward(golden.Input());
        var real = golden.Read("attention_mask");
        for (var k = 0; golden.Has($"hidden.{k}"); k++)
            GoldenModel.AssertClose(
                golden.Read($"hidden.{k}"),
                recorder.HiddenState(k, golden.Config),
                real,
                $"hidden.{k}"
            );
        GoldenModel.AssertClose(golden.Read("logits"), output.Logits!, real, "logits");
    }

    [Theory, MemberData(nameof(Names))]
    public void Attention_of_layer_0_is_that_of_the_reference(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var golden = new GoldenModel(name, configFile);
        if (!golden.Has("attention.0"))
            Assert.Skip("there is no attention.0");
        using var recorder = new ActivationRecorder(new TapSite(0, TapPoint.AttentionWeights));
        using (golden.Model.Attach(recorder))
            golden.Model.Forward(golden.Input());
        var expected = golden.Read("attention.0").transpose(1, 2); // [B, T, H, S]
        GoldenModel.AssertClose(
            expected,
            recorder[0, TapPoint.AttentionWeights].transpose(1, 2),
            golden.Read("attention_mask"),
            "attention.0"
        );
    }

    [Theory, MemberData(nameof(Names))]
    public void Loss_and_every_gradient_norm_are_those_of_the_reference(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name, configFile);
        if (!golden.Has("loss_token_mean"))
            Assert.Skip("there is no loss");
        var labels = golden.Read("labels")[.., 1..];
        var logits = golden.Model.Forward(golden.Input()).Logits![.., ..^1];
        var nll = nn.functional.cross_entropy(
            logits.transpose(1, 2),
            labels,
            reduction: nn.Reduction.None,
            ignore_index: -100
        );
        GoldenModel.AssertClose(golden.Read("sequence_nll_sum"), nll.sum(1), null, "sequence_nll_sum");
        var loss = nll.sum() / labels.ne(-100).sum();
        GoldenModel.AssertClose(golden.Read("loss_token_mean"), loss.view(1), null, "loss_token_mean");
        loss.backward();
        var norms = golden
            .Json.GetProperty("gradient_norms")
            .EnumerateObject()
            .ToDictionary(p => p.Name, p => p.Value.GetDouble());
        Assert.Empty(norms.Keys.Except(golden.Model.ParameterRefs.Select(r => r.Name)));
        foreach (var reference in golden.Model.ParameterRefs)
        {
            if (!norms.TryGetValue(reference.Name, out var expected))
                continue;
            var actual = reference.Gradient()?.norm().item<float>() ?? 0;
            Assert.True(
                Math.Abs(actual - expected) <= 1e-4 * Math.Max(1, expected),
                $"{reference.Name}: {actual}, not {expected}"
            );
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Greedy_ids_are_those_of_the_reference(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var golden = new GoldenModel(name, configFile);
        if (!golden.Has("greedy_ids"))
            Assert.Skip("there are no greedy ids");
        var expected = golden.Read("greedy_ids");
        using var cache = new KvCache(golden.Config, 1, 4);
        var next = expected[.., ..8];
        // Where angles depend on the length, the reference generator reads the sequence again without a causal mask.
        var comparable = golden.Config.RopeScaling
            is { Kind: RopeScalingKind.LongRope, OriginalMaxPositions: { } original }
            ? Math.Min(expected.shape[1], original + 1)
            : expected.shape[1];
        for (var t = 8; t < comparable; t++)
        {
            var logits = golden
                .Model.Forward(
                    new()
                    {
                        TokenIds = next,
                        Cache = cache,
                        Logits = LogitsFor.LastToken,
                    }
                )
                .Logits!;
            next = logits[.., -1].argmax(-1).view(1, 1);
            Assert.True(
                expected[0, t].item<long>() == next.item<long>(),
                $"token {t}: {expected[0, t].item<long>()} against {next.item<long>()}"
            );
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Padding_on_either_side_gives_the_logits_of_no_padding(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var golden = new GoldenModel(name, configFile);
        var ids = golden.Read("input_ids")[..1, ..12];
        var plain = golden.Model.Forward(new() { TokenIds = ids }).Logits!;
        var pad = full([1, 3], 5L, dtype: ScalarType.Int64);
        var (off, on) = (zeros([1, 3], dtype: ScalarType.Int64), ones([1, 12], dtype: ScalarType.Int64));
        var left = golden
            .Model.Forward(new() { TokenIds = cat([pad, ids], 1), AttentionMask = cat([off, on], 1) })
            .Logits!;
        var right = golden
            .Model.Forward(new() { TokenIds = cat([ids, pad], 1), AttentionMask = cat([on, off], 1) })
            .Logits!;
        GoldenModel.AssertClose(plain, left[.., 3..], null, "left", 1e-5);
        GoldenModel.AssertClose(plain, right[.., ..12], null, "right", 1e-5);
    }

    [Theory, MemberData(nameof(Names))]
    public void Prefill_in_chunks_and_decode_give_the_full_forward(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var golden = new GoldenModel(name, configFile);
        var (ids, mask) = (golden.Read("input_ids"), golden.Read("attention_mask"));
        var length = (int)ids.shape[1];
        using var cache = new KvCache(golden.Config, (int)ids.shape[0], 6);
        foreach (var (start, end) in new[] { (0, 7), (7, 12), (12, 13), (13, 14), (14, length) })
        {
            var logits = golden
                .Model.Forward(
                    new()
                    {
                        TokenIds = ids[.., start..end],
                        AttentionMask = mask[.., ..end],
                        Cache = cache,
                    }
                )
                .Logits!;
            var whole = golden
                .Model.Forward(new() { TokenIds = ids[.., ..end], AttentionMask = mask[.., ..end] })
                .Logits!;
            GoldenModel.AssertClose(
                whole[.., start..end],
                logits,
                mask[.., start..end],
                $"tokens {start} to {end}",
                1e-5
            );
            Assert.Equal(end, cache.Length);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Weights_and_config_survive_export_and_import(string name, string configFile)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name, configFile);
        using var json = JsonDocument.Parse(ModelFamilies.Write(golden.Config).ToJsonString());
        var config = ModelFamilies.Read(json.RootElement, "config.json");
        using var copy = CausalLM.WithoutWeights(
            config with
            {
                RoundsRotaryFrequencies = golden.Config.RoundsRotaryFrequencies,
            }
        );
        foreach (var (weight, value) in golden.Model.ExportWeights())
            Assert.True(copy.ImportWeight(weight, value));
        Assert.Equal(golden.Model.ExpectedWeights.Select(w => w.Name), copy.ExpectedWeights.Select(w => w.Name));
        var (expected, actual) = (golden.Model.Forward(golden.Input()).Logits!, copy.Forward(golden.Input()).Logits!);
        Assert.True(expected.eq(actual).all().item<bool>());
    }
}
