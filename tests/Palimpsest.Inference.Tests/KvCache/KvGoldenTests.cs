using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>What the public implementations keep and compute.</summary>
public sealed class KvGoldenTests
{
    [Theory]
    [InlineData("snapkv", "snapkv(budget=0.5,window=16)")]
    [InlineData("streaming_llm", "streaming-llm(budget=0.5,original-positions=true)")]
    [InlineData("pyramidkv", "pyramidkv(budget=0.5,window=16,allocation=kvpress)")]
    [InlineData("keydiff", "keydiff(budget=0.5)")]
    public void Kvpress_keeps_the_same_entries_and_answers_the_same(string press, string policy)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("llama");
        using var inputs = Open("kvpress", "inputs");
        using var reference = Open("kvpress", press);
        using var full = KvModels.NewCache(golden.Model, null, 2);
        using var cache = KvModels.NewCache(golden.Model, policy, 2);
        golden.Model.Forward(new() { TokenIds = inputs.Read("ids"), Cache = full });
        golden.Model.Forward(new() { TokenIds = inputs.Read("ids"), Cache = cache });
        for (var layer = 0; layer < cache.Layers; layer++)
        {
            var kept = reference.Read($"k.{layer}"); // in the order of the scores
            var distance = (full.Keys(layer).unsqueeze(2) - kept.unsqueeze(3)).abs().amax(-1); // [B, Hkv, K, 96]
            var (order, _) = distance.argmin(-1).sort(-1);
            var segment = cache[layer].Read()[0];
            Assert.Null(segment.Keep);
            Assert.Equal(
                order.data<long>().ToArray(),
                segment.Positions.expand_as(order).contiguous().data<long>().ToArray()
            );
            var (_, byTime) = distance.argmin(-1).sort(-1);
            var index = byTime.unsqueeze(-1).expand(-1, -1, -1, 16);
            KvModels.Close(kept.gather(2, index), segment.Keys);
            KvModels.Close(reference.Read($"v.{layer}").gather(2, index), segment.Values);
        }

        if (press == "pyramidkv")
            return; // its mask is as wide as the first layer's cache: in the others a question sees its own future
        var next = golden.Model.Forward(new() { TokenIds = inputs.Read("question_ids"), Cache = cache }).Logits!;
        KvModels.Close(reference.Read("next_logits"), next);
    }

    [Fact]
    public void H2o_drops_what_the_authors_drop()
    {
        using var scope = NewDisposeScope();
        using var reference = Open("systems/h2o", "reference");
        var policy = new H2o(new() { Heavy = KvBudget.OfTokens(4), Recent = KvBudget.OfTokens(5) });
        using var cache = new ContiguousLayerCache(new(0, 1, 4, 16, 16, CPU));
        foreach (var at in Enumerable.Range(-1, 11))
        {
            var name = at < 0 ? "drop.prompt" : $"drop.step{at}";
            Act(policy, cache, reference, name, at, prompt: 16);
            Compare(cache, reference, name);
            if (reference.Names.Contains($"{name}.scores"))
                KvModels.Close(reference.Read($"{name}.scores"), cache.Scores!.squeeze(0));
        }
    }

    [Fact]
    public void Tova_drops_what_the_authors_drop()
    {
        using var scope = NewDisposeScope();
        using var reference = Open("systems/tova", "reference");
        var policy = new Tova(new() { Budget = KvBudget.OfTokens(12) });
        using var cache = new ContiguousLayerCache(new(0, 2, 2, 8, 20, CPU));
        foreach (var at in Enumerable.Range(-1, 9))
        {
            var name = at < 0 ? "prompt" : $"{at}";
            Act(policy, cache, reference, name, at, prompt: 20);
            Compare(cache, reference, name);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Kivis_codes_are_the_authors(int bits)
    {
        using var scope = NewDisposeScope();
        using var reference = Open("systems/kivi", "reference");
        var keys = PackedGroups.Encode(reference.Read("quant.key").transpose(2, 3).contiguous(), bits, 16, false);
        var values = PackedGroups.Encode(reference.Read("quant.value"), bits, 16, false);
        foreach (var (groups, name) in new[] { (keys, $"quant.k{bits}"), (values, $"quant.v{bits}") })
        {
            var isKey = name.Contains('k');
            var codes = PackedGroups.Unpack(groups.Codes, bits).to(ScalarType.Int64);
            Assert.True((isKey ? codes.transpose(2, 3) : codes).eq(reference.Read($"{name}.code")).all().item<bool>());
            var numbers = groups.Decode(bits, 16);
            KvModels.Close(reference.Read($"{name}.dequantised"), isKey ? numbers.transpose(2, 3) : numbers);
        }
    }

    [Theory]
    [InlineData("a", 1, 32, 37, 16, 16, 2, 2, 13)]
    [InlineData("b", 2, 16, 24, 32, 8, 4, 2, 10)]
    [InlineData("c", 1, 16, 32, 16, 16, 2, 4, 2)]
    public void Kivi_attends_step_by_step_as_the_authors_do(
        string name,
        int batch,
        int size,
        int prompt,
        int residual,
        int group,
        int keyBits,
        int valueBits,
        int steps
    )
    {
        using var scope = NewDisposeScope();
        using var reference = Open("systems/kivi", "reference");
        var options = new KiviOptions
        {
            Bits = keyBits,
            ValueBits = valueBits,
            Group = group,
            Residual = residual,
            HalfScales = false,
        };
        using var cache = new KiviLayerCache(new(0, batch, 2, size, prompt, CPU), options);
        var config = DecoderConfig.TinyLlama(8, 2 * size, 1, 2, 2, 8, 64) with { LearnedPositions = true };
        using var attention = new SegmentedAttention(config, 0);
        for (var step = 0; step <= steps; step++)
        {
            var joined = reference.Read($"{name}.{step}.qkv");
            var count = joined.shape[1];
            var parts = joined.view(batch, count, 3, 2, size).permute(2, 0, 3, 1, 4).unbind(0);
            var positions = arange(cache.Seen, cache.Seen + count).unsqueeze(0);
            cache.Append(parts[1], parts[2], new(positions));
            var (output, _) = attention.Run(new(parts[0], parts[0], positions), cache.Read());
            KvModels.Close(reference.Read($"{name}.{step}.output"), output);
            cache.Quantize();
            if (reference.Names.Contains($"{name}.{step}.k_code") && cache.Rows.Count > 0)
                CompareCodes(cache, reference, $"{name}.{step}", (keyBits, valueBits));
        }
    }

    private static void CompareCodes(KiviLayerCache cache, SafetensorsFile reference, string at, (int, int) bits)
    {
        for (var row = 0; row < cache.Rows.Count; row++)
        {
            var (keys, values, fullKeys, fullValues) = cache.Rows[row].Parts();
            foreach (
                var (name, groups, full, width) in new[]
                {
                    ("k", keys, fullKeys, bits.Item1),
                    ("v", values, fullValues, bits.Item2),
                }
            )
            {
                if (reference.Names.Contains($"{at}.{name}_full"))
                    KvModels.Close(reference.Read($"{at}.{name}_full")[row], full);
                if (!reference.Names.Contains($"{at}.{name}_code"))
                    continue;
                var codes = PackedGroups.Unpack(groups!.Codes, width).to(ScalarType.Int64);
                Assert.True(codes.eq(reference.Read($"{at}.{name}_code")[row]).all().item<bool>());
                KvModels.Close(reference.Read($"{at}.{name}_scale")[row], groups.Scales);
                KvModels.Close(reference.Read($"{at}.{name}_min")[row], groups.Minima);
            }
        }
    }

    private static void Act(
        IKvPolicy policy,
        LayerCache cache,
        SafetensorsFile reference,
        string name,
        int at,
        int prompt
    )
    {
        var keys = reference.Read($"{name}.k");
        var weights = reference.Read($"{name}.attn");
        var positions = arange(cache.Seen, cache.Seen + keys.shape[2]).unsqueeze(0);
        cache.Append(keys, reference.Read($"{name}.v"), new(positions));
        policy.AfterAttention(
            new()
            {
                Cache = cache,
                Layer = 0,
                Layers = 1,
                Phase = at < 0 ? KvPhase.PrefillEnd : KvPhase.Step,
                Config = KvModels.HeadConfig(1, 1, 8),
                Query = new(keys, null, positions),
                RealTokens = [.. Enumerable.Repeat((long)(prompt + at + 1), cache.Batch)],
                Observed = new() { ColumnSums = weights.sum(2), LastRows = weights.narrow(2, weights.shape[2] - 1, 1) },
            }
        );
    }

    private static void Compare(ContiguousLayerCache cache, SafetensorsFile reference, string name)
    {
        var segment = cache.Read()[0];
        if (reference.Names.Contains($"{name}.kept_positions"))
        {
            var expected = reference.Read($"{name}.kept_positions");
            Assert.Equal(
                expected.data<long>().ToArray(),
                segment.Positions.view(-1, segment.Width).contiguous().data<long>().ToArray()
            );
        }

        if (!reference.Names.Contains($"{name}.kept_k"))
            return;
        KvModels.Close(reference.Read($"{name}.kept_k"), segment.Keys);
        KvModels.Close(reference.Read($"{name}.kept_v"), segment.Values);
    }

    private static SafetensorsFile Open(string folder, string name) =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, folder, $"{name}.safetensors"));
}
