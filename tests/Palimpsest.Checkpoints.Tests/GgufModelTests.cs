using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

[Trait("Category", "Golden")]
public sealed class GgufModelTests
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat"],
        new() { VocabularySize = 270, LeastCount = 1 }
    );

    /// <summary>Folders of the families that GGUF files are written of.</summary>
    public static TheoryData<string> Models =>
        [.. GoldenFolder.Folders("models").Where(name => Unsupported(GoldenModel.ReadConfig(name)) is null)];

    /// <summary>All the others.</summary>
    public static TheoryData<string> Others =>
        [.. GoldenFolder.Folders("models").Where(name => Unsupported(GoldenModel.ReadConfig(name)) is not null)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Models))]
    public void A_model_written_and_read_gives_the_logits_of_the_reference(string name)
    {
        using var golden = new GoldenModel(name);
        using var folder = new TemporaryFolder();
        GgufExport.Write(golden.Model, Words, folder.File("x.gguf"), new() { Type = GgufType.F32 });
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var read = ModelFiles.LoadDecoder(folder.File("x.gguf"));
        AssertSameShape(golden.Config, read.Config);
        foreach (var (written, back) in golden.Model.ParameterRefs.Zip(read.ParameterRefs))
        {
            Assert.Equal(written.Name, back.Name);
            // Adding one to a norm and taking it away rounds the sum to 2⁻²⁴ of its size.
            var rounding = name.StartsWith("gemma", StringComparison.Ordinal)
                ? Math.Pow(2, -24) * (written.Value() + 1).abs().max().item<float>()
                : 0;
            Assert.True((written.Value() - back.Value()).abs().max().item<float>() <= rounding, written.Name);
        }

        // No file says that rotary frequencies were rounded, too.
        if (golden.Config.RoundsRotaryFrequencies)
            return;
        var input = golden.Input();
        // The file holds rotary factors and ε in float32: an angle is off by 2⁻²⁴ of itself, and none here
        // exceeds twice the model's positions. A wrong factor is off by hundredths.
        var (expected, actual) = (golden.Model.Forward(input).Logits!, read.Forward(input).Logits!);
        var real = golden.Read("attention_mask").to(ScalarType.Bool);
        var error = (actual - expected)[real].abs().max().item<float>();
        var largest = expected[real].abs().max().item<float>();
        Assert.True(
            error <= Math.Pow(2, -23) * golden.Config.MaxPositions * largest,
            $"off by {error:g3} of {largest:g3}"
        );
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Models))]
    public void Quantised_files_stay_within_the_error_of_their_type(string name)
    {
        using var golden = new GoldenModel(name);
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        // Half a step of the codes (a whole one at Q4_0's upper end, which has no code) and the rounding of the scale
        // to float16.
        foreach (
            var (type, tolerance) in ((GgufType, double)[])
                [
                    (GgufType.F16, 1.0 / 2048),
                    (GgufType.Q8_0, 1.0 / 254 + 1.0 / 2048),
                    (GgufType.Q4_0, 1.0 / 8 + 1.0 / 2048),
                ]
        )
        {
            GgufExport.Write(golden.Model, Words, folder.File("x.gguf"), new() { Type = type });
            using var read = ModelFiles.LoadDecoder(folder.File("x.gguf"));
            foreach (var (written, back) in golden.Model.ParameterRefs.Zip(read.ParameterRefs))
            {
                var error = (written.Value() - back.Value()).abs().max().item<float>();
                Assert.True(
                    error <= tolerance * written.Value().abs().max().item<float>() + 1e-6,
                    $"{type} {written.Name}: {error:g3}"
                );
            }
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Others))]
    public void What_a_file_cannot_say_is_refused_and_nothing_is_written(string name)
    {
        using var golden = new GoldenModel(name);
        using var folder = new TemporaryFolder();
        Assert.Throws<InputException>(() => GgufExport.Write(golden.Model, Words, folder.File("x.gguf")));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void An_adapter_is_merged_into_what_is_written()
    {
        using var folder = new TemporaryFolder();
        using var model = new CausalLM(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128), 5);
        LoraAdapter.Attach(model, "x", new() { Rank = 2 }, seed: 3);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var (_, value) in model.TrainableParameters)
            value.add_(0.05);
        GgufExport.Write(model, Words, folder.File("x.gguf"), new() { Type = GgufType.F32 });
        using var read = ModelFiles.LoadDecoder(folder.File("x.gguf"));
        var input = new ForwardInput { TokenIds = arange(0, 20, dtype: ScalarType.Int64).view(2, 10) };
        GoldenModel.AssertClose(model.Forward(input).Logits!, read.Forward(input).Logits!, null, "logits", 1e-5);
    }

    [Fact]
    public void The_divisors_of_llama_3_become_its_rule_again_and_others_stay_as_they_are()
    {
        var config = DecoderConfig.TinyLlama(270, 64, 1, 4, 2, 64, 4096) with
        {
            RopeScaling = new()
            {
                Kind = RopeScalingKind.Llama3,
                Factor = 8,
                OriginalMaxPositions = 256,
                LowFrequencyFactor = 1.5,
                HighFrequencyFactor = 3,
            },
        };
        var published = config with
        {
            RopeTheta = 500000,
            RopeScaling = new()
            {
                Kind = RopeScalingKind.Llama3,
                Factor = 32,
                OriginalMaxPositions = 8192,
            },
        };
        Assert.Equal(
            published.RopeScaling,
            RoundTrip(published).RopeScaling! with
            {
                ShortFactors = published.RopeScaling!.ShortFactors,
                LongFactors = published.RopeScaling.LongFactors,
            }
        );
        var other = RoundTrip(config);
        Assert.Equal(RopeScalingKind.LongRope, other.RopeScaling!.Kind);
        var (expected, actual) = (
            RotaryFrequencies.Compute(config, 16, 100),
            RotaryFrequencies.Compute(other, 16, 100)
        );
        Assert.Equal(expected.Scale, actual.Scale);
        Assert.All(
            expected.Frequencies.Zip(actual.Frequencies),
            pair => Assert.Equal(pair.First, pair.Second, pair.First * 1e-6)
        );
    }

    private static DecoderConfig RoundTrip(DecoderConfig config)
    {
        using var folder = new TemporaryFolder();
        using var model = new CausalLM(config, 1);
        GgufExport.Write(model, Words, folder.File("x.gguf"));
        return ModelFiles.ReadConfig(folder.File("x.gguf"));
    }

    private static string? Unsupported(DecoderConfig config)
    {
        if (
            config.Family is not ("llama" or "mistral" or "qwen2" or "qwen3" or "phi3" or "gemma2" or "olmo2" or "gpt2")
        )
            return "family";
        return config.RopeScaling?.Kind == RopeScalingKind.Dynamic ? "dynamic" : null;
    }

    private static void AssertSameShape(DecoderConfig expected, DecoderConfig actual)
    {
        Assert.Equal(
            (
                expected.Family,
                expected.VocabularySize,
                expected.HiddenSize,
                expected.IntermediateSize,
                expected.Layers,
                expected.Heads,
                expected.KeyValueHeads
            ),
            (
                actual.Family,
                actual.VocabularySize,
                actual.HiddenSize,
                actual.IntermediateSize,
                actual.Layers,
                actual.Heads,
                actual.KeyValueHeads
            )
        );
        Assert.Equal(
            (
                expected.HeadSize,
                expected.MaxPositions,
                expected.TiedHead,
                expected.Activation,
                expected.SlidingWindow,
                expected.RopeTheta,
                expected.NormEpsilon
            ),
            (
                actual.HeadSize,
                actual.MaxPositions,
                actual.TiedHead,
                actual.Activation,
                actual.SlidingWindow,
                actual.RopeTheta,
                actual.NormEpsilon
            )
        );
    }
}
