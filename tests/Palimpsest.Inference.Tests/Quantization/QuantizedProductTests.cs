namespace Palimpsest.Inference.Tests;

/// <summary>Products of rounded activations with rounded weights.</summary>
public sealed class QuantizedProductTests
{
    private const int Outputs = 21;

    private static readonly QuantizeOptions[] Formats =
    [
        new() { Bits = 8 },
        new() { Bits = 4 },
        new() { Bits = 8, Symmetric = false },
        new() { Bits = 4, Symmetric = false },
        new() { Format = QuantizedFormat.Nf4 },
        new() { Format = QuantizedFormat.Fp4 },
    ];

    /// <summary>Formats, widths, groups: whole chunks and not, whole rows, a last group that is smaller.</summary>
    public static TheoryData<int, int, int> Cases =>
        [
            .. Enumerable
                .Range(0, Formats.Length)
                .SelectMany(format =>
                    new[] { (32, 64), (96, 32), (256, 64), (288, 128), (576, 64), (768, 0) }.Select(size =>
                        (format, size.Item1, size.Item2)
                    )
                ),
        ];

    [Theory, MemberData(nameof(Cases))]
    public void Every_path_of_the_processor_gives_the_bits_of_plain_code(int format, int width, int group)
    {
        using var scope = NewDisposeScope();
        var weight = Weight(format, width, group);
        Assert.True(weight.HasIntegerProducts);
        var input = Values(3, width, seed: 1);
        var expected = Multiply(weight, input, CodePath.Portable);
        foreach (var path in Enum.GetValues<CodePath>().Where(CodeKernel.IsSupported))
            Assert.True(Multiply(weight, input, path).equal(expected).all().item<bool>(), $"{path}");
        Assert.True(Multiply(weight, input.narrow(0, 2, 1)).equal(expected.narrow(0, 2, 1)).all().item<bool>());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Activations_that_are_whole_already_give_the_dequantised_product(int format, int width, int group)
    {
        using var scope = NewDisposeScope();
        var weight = Weight(format, width, group);
        var input = (Values(2, width, seed: 2) * 30).round().clamp(-127, 127);
        input.view(2, width / 32, 32).select(2, 5).fill_(127);
        var values = weight.Dequantize();
        var expected = input.to(ScalarType.Float64).matmul(values.to(ScalarType.Float64).t());
        var error = (Multiply(weight, input) - expected).abs().max().item<double>();
        // Sums of float32; values of a table are rounded to 1/16256 of the group's largest.
        var rounding = Formats[format].Format == QuantizedFormat.Integer ? 1e-6 : 1.0 / 2 / 16256;
        var magnitude = input.abs().sum(1).max().item<float>() * values.abs().max().item<float>();
        Assert.True(error <= rounding * magnitude, $"off by {error:g3} of {magnitude:g3}");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Rounding_activations_costs_less_than_two_hundredths(int format, int width, int group)
    {
        using var scope = NewDisposeScope();
        var weight = Weight(format, width, group);
        var input = Values(4, width, seed: 3);
        var expected = input.matmul(weight.Dequantize().t());
        var error = (Multiply(weight, input) - expected).norm() / expected.norm();
        Assert.InRange(error.item<float>(), 1e-6, 2e-2);
    }

    [Theory]
    [InlineData(3, 64, 64)]
    [InlineData(4, 64, 24)]
    [InlineData(4, 72, 64)]
    [InlineData(8, 192, 96)]
    public void What_is_not_made_of_whole_blocks_is_decoded(int bits, int width, int group)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var weight = QuantizedWeight.Quantize(
            Values(Outputs, width, seed: 4),
            new() { Bits = bits, GroupSize = group }
        );
        Assert.False(weight.HasIntegerProducts);
        using var projection = new QuantizedProjection("p", weight);
        var input = Values(1, width, seed: 5).unsqueeze(0);
        var expected = input.matmul(weight.Dequantize().t());
        Assert.True((projection.forward(input) - expected).norm().item<float>() < 1e-5 * expected.norm().item<float>());
    }

    private static QuantizedWeight Weight(int format, int width, int group) =>
        QuantizedWeight.Quantize(Values(Outputs, width, seed: 6), Formats[format] with { GroupSize = group });

    private static unsafe Tensor Multiply(QuantizedWeight weight, Tensor input, CodePath? path = null)
    {
        var output = zeros([input.shape[0], Outputs]);
        var x = RoundedRows.Of(TensorMemory.Floats(input), (int)input.shape[0], weight.Width);
        weight.Multiply(x, new((nint)TensorMemory.Floats(output), Outputs, 0), new(0, Outputs), path);
        return output;
    }

    private static Tensor Values(int rows, int width, ulong seed)
    {
        using var generator = new Generator(seed, CPU);
        return randn(rows, width, generator: generator);
    }
}
