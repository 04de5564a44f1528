using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class QuantizedWeightTests
{
    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    public void Weights_of_another_type_are_read_as_float32(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var weight = arange(64, dtype: ScalarType.Float32).reshape(4, 16);
        Assert.True(
            QuantizedWeight
                .Quantize(weight, new())
                .Dequantize()
                .eq(QuantizedWeight.Quantize(weight.to_type(type), new()).Dequantize())
                .all()
                .item<bool>()
        );
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData(QuantizedFormat.Nf4, 64)]
    [InlineData(QuantizedFormat.Nf4, 128)]
    [InlineData(QuantizedFormat.Fp4, 64)]
    [InlineData(QuantizedFormat.Fp4, 128)]
    public void Tables_of_four_bits_are_those_of_bitsandbytes(QuantizedFormat format, int group)
    {
        using var reference = Reference();
        using var scope = NewDisposeScope();
        var weight = reference.Read("weight");
        var quantized = QuantizedWeight.Quantize(weight, new() { Format = format, GroupSize = group });
        var name = $"{format.ToString().ToLowerInvariant()}.{group}";
        Assert.Equal(reference.Read($"{name}.absmax").data<float>().ToArray(), quantized.Scales.ToArray());
        Assert.Equal(reference.Read($"{name}.packed").data<byte>().ToArray(), quantized.Codes.ToArray());
        Assert.Equal(
            reference.Read($"{name}.dequantized").data<float>().Select(v => (double)v),
            quantized.Dequantize().data<float>().Select(v => (double)v),
            (a, b) => Math.Abs(a - b) <= 1e-7 * Math.Max(1, Math.Abs(a))
        );
    }

    [Fact, Trait("Category", "Golden")]
    public void Eight_bits_by_row_are_those_of_bitsandbytes()
    {
        using var reference = Reference();
        using var scope = NewDisposeScope();
        // The reference rounds the weight to float16 first.
        var weight = reference.Read("weight").to(ScalarType.Float16).to(ScalarType.Float32);
        var quantized = QuantizedWeight.Quantize(weight, new() { Bits = 8, GroupSize = 0 });
        Assert.Equal(
            reference.Read("int8.rows").data<sbyte>().Select(c => (int)c),
            quantized.Codes.ToArray().Select(c => c - 128)
        );
        var scales = reference.Read("int8.scales");
        Assert.Equal(scales.data<float>().Select(s => s / 127), quantized.Scales.ToArray());
        var expected = reference.Read("int8.rows").to(ScalarType.Float32) * scales.unsqueeze(1) / 127;
        Assert.True((quantized.Dequantize() - expected).abs().max().item<float>() <= 1e-6);
    }

    [Theory]
    [InlineData(4, 32, true)]
    [InlineData(8, 32, true)]
    [InlineData(3, 0, true)]
    [InlineData(5, 7, true)]
    [InlineData(4, 32, false)]
    [InlineData(2, 16, false)]
    [InlineData(8, 0, false)]
    public void Rounding_moves_weights_by_at_most_half_a_step(int bits, int group, bool symmetric)
    {
        using var scope = NewDisposeScope();
        var weight = randn([5, 70], generator: new torch.Generator(1)) + 0.3;
        var options = new QuantizeOptions
        {
            Bits = bits,
            GroupSize = group,
            Symmetric = symmetric,
        };
        var quantized = QuantizedWeight.Quantize(weight, options);
        var rounded = quantized.Dequantize();
        var size = group == 0 ? 70 : group;
        foreach (
            var (first, row) in Enumerable
                .Range(0, 70)
                .Where(c => c % size == 0)
                .SelectMany(c => Enumerable.Range(0, 5).Select(r => (c, r)))
        )
        {
            var values = weight[row, first..Math.Min(70, first + size)];
            var step = symmetric
                ? values.abs().max().item<float>() / ((1 << (bits - 1)) - 1)
                : (Math.Max(0, values.max().item<float>()) - Math.Min(0, values.min().item<float>()))
                    / ((1 << bits) - 1);
            // A zero of its own is rounded too.
            var worst = (values - rounded[row, first..Math.Min(70, first + size)]).abs().max().item<float>();
            Assert.True(
                worst <= step * (symmetric ? 0.5 : 1) + 1e-6,
                $"row {row}, group {first}: {worst} of a step of {step}"
            );
        }

        Assert.True((rounded - weight).abs().max().item<float>() > 0);
        var again = QuantizedWeight.Quantize(rounded, options);
        Assert.True((again.Dequantize() - rounded).abs().max().item<float>() <= 1e-5);
    }

    [Theory]
    [InlineData(4, 64, true, QuantizedFormat.Integer, 3 * 64 + 3 * 2 * 4)]
    [InlineData(4, 64, false, QuantizedFormat.Integer, 3 * 64 + 3 * 2 * 5)]
    [InlineData(8, 0, true, QuantizedFormat.Integer, 3 * 128 + 3 * 4)]
    [InlineData(3, 0, true, QuantizedFormat.Integer, 3 * 48 + 3 * 4)]
    [InlineData(4, 100, true, QuantizedFormat.Nf4, 3 * 64 + 3 * 2 * 4)]
    public void Bytes_are_counted_exactly(int bits, int group, bool symmetric, QuantizedFormat format, long bytes)
    {
        using var weight = randn([3, 128], generator: new torch.Generator(2));
        var quantized = QuantizedWeight.Quantize(
            weight,
            new()
            {
                Bits = bits,
                GroupSize = group,
                Symmetric = symmetric,
                Format = format,
            }
        );
        Assert.Equal(bytes, quantized.ByteCount);
        Assert.Equal(
            quantized.ByteCount,
            quantized.Codes.Length + 4L * quantized.Scales.Length + quantized.Zeros.Length
        );
    }

    [Fact]
    public void A_quantised_projection_computes_with_what_its_codes_stand_for()
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = (
            randn([6, 32], generator: new torch.Generator(3)),
            randn([6], generator: new torch.Generator(4))
        );
        var input = randn([2, 3, 32], generator: new torch.Generator(5)).requires_grad_(true);
        using var projection = new QuantizedProjection(
            "p",
            QuantizedWeight.Quantize(weight, new() { Format = QuantizedFormat.Nf4, GroupSize = 16 }),
            new(bias.clone())
        );
        Assert.Equal((32, 6), (projection.InFeatures, projection.OutFeatures));
        var output = projection.forward(input);
        Assert.True(
            (output - nn.functional.linear(input, projection.Materialize(), bias)).abs().max().item<float>() == 0
        );
        Assert.True((output - nn.functional.linear(input, weight, bias)).abs().max().item<float>() > 0);
        output.sum().backward();
        Assert.Equal(
            projection.Materialize().sum(dim: 0).data<float>().ToArray(),
            input.grad![0, 0].data<float>().ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-5
        );
        Assert.Equal(6 * 16 + 6 * 2 * 4 + 6 * 4, projection.ByteCount);
    }

    [Theory]
    [InlineData(QuantizedFormat.Integer, 8, true, 64, 130)]
    [InlineData(QuantizedFormat.Integer, 4, true, 64, 256)]
    [InlineData(QuantizedFormat.Integer, 4, false, 24, 131)]
    [InlineData(QuantizedFormat.Integer, 3, true, 0, 70)]
    [InlineData(QuantizedFormat.Nf4, 4, true, 64, 333)]
    [InlineData(QuantizedFormat.Fp4, 4, true, 32, 9)]
    public void Few_rows_are_computed_as_many_are_and_each_as_if_it_were_alone(
        QuantizedFormat format,
        int bits,
        bool symmetric,
        int group,
        int width
    )
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var options = new QuantizeOptions
        {
            Format = format,
            Bits = bits,
            Symmetric = symmetric,
            GroupSize = group,
        };
        var (weight, bias) = (
            randn([1100, width], generator: new torch.Generator(3)) / Math.Sqrt(width),
            randn([1100], generator: new torch.Generator(4))
        );
        using var projection = new QuantizedProjection(
            "p",
            QuantizedWeight.Quantize(weight, options),
            new(bias.clone())
        );
        var input = randn([20, width], generator: new torch.Generator(5));
        var expected = nn.functional.linear(
            input.to(ScalarType.Float64),
            projection.Materialize().to(ScalarType.Float64),
            bias.to(ScalarType.Float64)
        );
        foreach (var rows in new[] { 1, 3, 4, 16, 17, 20 })
        {
            var output = projection.forward(input.narrow(0, 0, rows));
            var error = (output - expected.narrow(0, 0, rows)).abs() / expected.narrow(0, 0, rows).abs().clamp(min: 1);
            Assert.True(error.max().item<double>() <= 1e-5, $"{rows} rows: {error.max().item<double>():g3}");
            if (rows <= 16)
                Assert.True(
                    projection
                        .forward(input.narrow(0, rows - 1, 1))
                        .eq(output.narrow(0, rows - 1, 1))
                        .all()
                        .item<bool>(),
                    $"row {rows}"
                );
        }
    }

    [Fact]
    public void A_rounded_model_keeps_embeddings_and_norms_and_says_its_size()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(100, 32, 2, 4, 2, 64, 128), 11);
        using var before = model.CloneFrozen();
        var size = QuantizeTransform.Round(model, new());
        var rounded = model
            .Projections.Where(p => p.Component != ModelComponent.Head)
            .Sum(p => p.RowCount * p.Projection.InFeatures);
        Assert.Equal((rounded, 100L * 32 + 5 * 32), (size.QuantizedWeights, size.OtherWeights));
        foreach (var (old, now) in before.ParameterRefs.Zip(model.ParameterRefs))
        {
            var isSame = (old.Value() - now.Value()).abs().max().item<float>() == 0;
            Assert.Equal(now.Component is ModelComponent.Embedding or ModelComponent.Norm, isSame);
        }
    }

    [Fact]
    public void Settings_that_do_not_go_together_and_weights_that_are_not_finite_are_refused()
    {
        using var weight = tensor(new[] { 1f, float.NaN }, [1, 2]);
        Assert.Throws<InputException>(() => QuantizedWeight.Quantize(weight, new()));
        Assert.Throws<InputException>(() =>
            QuantizedWeight.Quantize(weight, new() { Format = QuantizedFormat.Nf4, Bits = 8 })
        );
        Assert.Throws<InputException>(() =>
            QuantizedWeight.Quantize(weight, new() { Format = QuantizedFormat.Fp4, Symmetric = false })
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizeOptions { Bits = 9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizeOptions { GroupSize = 1 });
    }

    private static SafetensorsFile Reference()
    {
        var path = GoldenFolder.TryGet("quantization", "reference.safetensors");
        Assert.SkipWhen(path is null, "golden/quantization is not there.");
        return SafetensorsFile.Open(path!);
    }
}
