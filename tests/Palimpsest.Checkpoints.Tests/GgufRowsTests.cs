namespace Palimpsest.Checkpoints.Tests;

/// <summary>Products of rounded activations with a file's codes.</summary>
public sealed class GgufRowsTests
{
    private const int Outputs = 37;

    /// <summary>Types with widths of whole chunks, of chunks and a rest, and of less than one.</summary>
    public static TheoryData<GgufType, int> Cases =>
        [
            .. StoredRows.Types.SelectMany(type =>
                (type.ToString().EndsWith('K') ? (int[])[256, 768] : [32, 96, 256, 288, 576, 1536]).Select(width =>
                    (type, width)
                )
            ),
        ];

    public static TheoryData<GgufType> Types => [.. StoredRows.Types];

    [Theory, MemberData(nameof(Cases))]
    public void Every_path_of_the_processor_gives_the_bits_of_plain_code(GgufType type, int width)
    {
        using var scope = NewDisposeScope();
        using var rows = new StoredRows(type, Outputs, width, seed: 1);
        var input = Input(3, width);
        var expected = rows.Multiply(input, CodePath.Portable);
        var tried = Enum.GetValues<CodePath>().Where(CodeKernel.IsSupported).ToArray();
        Assert.Contains(CodePath.Portable, tried);
        Assert.All(
            tried,
            path => Assert.True(rows.Multiply(input, path).equal(expected).all().item<bool>(), $"{path}")
        );
        Assert.True(rows.Multiply(input).equal(expected).all().item<bool>(), "the path that is chosen");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Activations_that_are_whole_already_give_the_dequantised_product(GgufType type, int width)
    {
        using var scope = NewDisposeScope();
        using var rows = new StoredRows(type, Outputs, width, seed: 2);
        var input = WholeInput(2, width);
        var expected = input.to(ScalarType.Float64).matmul(rows.Values().to(ScalarType.Float64).t());
        var error = (rows.Multiply(input) - expected).abs().max().item<double>();
        // Sums of float32; products of a block are exact.
        var magnitude = input.abs().matmul(rows.Values().abs().t()).max().item<float>();
        Assert.True(error <= 1e-6 * magnitude, $"off by {error:g3} of {magnitude:g3}");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Rounding_activations_costs_less_than_two_hundredths_of_the_largest_output(GgufType type, int width)
    {
        using var scope = NewDisposeScope();
        using var rows = new StoredRows(type, Outputs, width, seed: 3);
        var input = Input(4, width);
        var expected = input.matmul(rows.Values().t());
        var error = (rows.Multiply(input) - expected).abs().max() / expected.abs().max();
        Assert.InRange(error.item<float>(), 1e-7, 2e-2);
    }

    [Theory, MemberData(nameof(Types))]
    public void A_row_has_the_same_bits_beside_others_and_outputs_the_same_in_parts(GgufType type)
    {
        using var scope = NewDisposeScope();
        using var rows = new StoredRows(type, Outputs, 768, seed: 4);
        var input = Input(5, 768);
        var all = rows.Multiply(input);
        for (var row = 0; row < 5; row++)
            Assert.True(rows.Multiply(input.narrow(0, row, 1)).equal(all.narrow(0, row, 1)).all().item<bool>());
        var parts =
            rows.Multiply(input, null, 0, 5) + rows.Multiply(input, null, 5, 33) + rows.Multiply(input, null, 33);
        Assert.True(parts.equal(all).all().item<bool>());
    }

    [Theory, MemberData(nameof(Types))]
    public void Rows_are_found_in_the_order_of_the_model(GgufType type)
    {
        using var scope = NewDisposeScope();
        int[] order = [.. Enumerable.Range(0, Outputs).OrderBy(row => row * 11 % Outputs)];
        using var plain = new StoredRows(type, Outputs, 256, seed: 5);
        using var ordered = new StoredRows(type, Outputs, 256, seed: 5, order);
        var (input, places) = (Input(1, 256), tensor(order, ScalarType.Int64));
        Assert.True(ordered.Values().equal(plain.Values().index_select(0, places)).all().item<bool>());
        Assert.True(ordered.Multiply(input).equal(plain.Multiply(input).index_select(1, places)).all().item<bool>());
    }

    [Theory, MemberData(nameof(Types))]
    public void A_scale_that_is_no_number_is_found(GgufType type)
    {
        foreach (var place in StoredRows.ScalePlaces(type))
        {
            foreach (var value in (Half[])[Half.NaN, Half.PositiveInfinity, Half.NegativeInfinity])
            {
                using var rows = new StoredRows(type, 3, 256, seed: 6);
                Assert.True(rows.Rows.IsFinite());
                var last = (int)rows.Rows.ByteCount - GgufLayout.Of(type).Bytes;
                rows.SetScale(last + place, value);
                Assert.False(rows.Rows.IsFinite(), $"{value} at {place}");
            }
        }
    }

    [Fact]
    public void Rows_of_zeros_and_of_huge_numbers_are_rounded_too()
    {
        using var scope = NewDisposeScope();
        using var rows = new StoredRows(GgufType.Q4_1, Outputs, 64, seed: 7);
        Assert.Equal(0, rows.Multiply(zeros(1, 64)).abs().max().item<float>());
        var huge = Input(1, 64) * 1e30f;
        var expected = huge.matmul(rows.Values().t());
        var error = (rows.Multiply(huge) - expected).abs().max() / expected.abs().max();
        Assert.InRange(error.item<float>(), 0, 2e-2);
    }

    private static Tensor Input(int rows, int width)
    {
        using var generator = new Generator(5, CPU);
        return randn(rows, width, generator: generator);
    }

    // In every block of 32 the largest is 127: d = 1.
    private static Tensor WholeInput(int rows, int width)
    {
        using var generator = new Generator(6, CPU);
        var whole = randint(-127, 128, [rows, width], generator: generator).to(ScalarType.Float32);
        whole.view(rows, width / 32, 32).select(2, 7).fill_(-127);
        return whole;
    }
}
