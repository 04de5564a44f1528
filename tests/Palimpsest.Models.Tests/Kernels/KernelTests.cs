namespace Palimpsest.Models.Tests;

/// <summary>Each kernel against the torch operations that it stands for, values and gradients.</summary>
public sealed class KernelTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 5, 0f)]
    [InlineData(7, 64, 0f)]
    [InlineData(300, 130, 1f)]
    public void Rms_norm_and_its_gradients_are_those_of_its_definition(long rows, long width, float offset)
    {
        using var scope = NewDisposeScope();
        var (x, w, g) = (Random(1, rows, width), Random(2, width), Random(3, rows, width));
        AssertSame(
            [x, w],
            g,
            inputs => RmsNormFunction.apply(inputs[0], inputs[1], new RmsNormSettings(width, 1e-6f, offset)),
            inputs => inputs[0] * (inputs[0].square().mean([-1], true) + 1e-6).rsqrt() * (inputs[1] + offset)
        );
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(9, 16)]
    [InlineData(200, 172)]
    public void Gated_silu_and_its_gradient_are_those_of_its_definition(long rows, long width)
    {
        using var scope = NewDisposeScope();
        var (x, g) = (Random(1, rows, 2 * width).mul(4), Random(2, rows, width));
        AssertSame(
            [x],
            g,
            inputs => GatedSiluFunction.apply(inputs[0], width),
            inputs => nn.functional.silu(inputs[0].narrow(-1, 0, width)) * inputs[0].narrow(-1, width, width)
        );
    }

    [Theory]
    [InlineData(8, false, 1)]
    [InlineData(16, false, 2)]
    [InlineData(20, true, 2)]
    [InlineData(12, false, 2)]
    public void Head_split_rotates_repeats_and_has_the_gradient_of_the_separate_steps(
        int rotated,
        bool byRow,
        int repeats
    )
    {
        const int Batch = 2,
            Tokens = 5,
            Heads = 4,
            KeyValueHeads = 2,
            Size = 20;
        if (rotated == 8 && repeats == 1)
            rotated = Size;
        using var scope = NewDisposeScope();
        var kernel = new HeadSplitKernel(Batch, Tokens, Heads, KeyValueHeads, Size, repeats);
        long[] angles = byRow ? [Batch, Tokens, 1, rotated] : [Tokens, 1, rotated];
        var rotary = new RotaryTables(Random(4, angles), Random(5, angles), rotated) { ByRow = byRow };
        var x = Random(1, Batch, Tokens, (Heads + 2 * KeyValueHeads) * Size);
        var g = Random(2, Batch, Heads + 2 * KeyValueHeads * repeats, Tokens, Size);
        AssertSame(
            [x],
            g,
            inputs => cat(HeadSplitFunction.apply(inputs[0], kernel, rotary), 1),
            inputs => cat(Separate(inputs[0]), 1)
        );

        Tensor[] Separate(Tensor projected)
        {
            var all = projected.view(Batch, Tokens, Heads + 2 * KeyValueHeads, Size);
            var turned = rotary.Rotate(all.narrow(2, 0, Heads + KeyValueHeads), Size).transpose(1, 2);
            return
            [
                turned.narrow(1, 0, Heads),
                turned.narrow(1, Heads, KeyValueHeads).repeat_interleave(repeats, 1),
                all.narrow(2, Heads + KeyValueHeads, KeyValueHeads).transpose(1, 2).repeat_interleave(repeats, 1),
            ];
        }
    }

    [Theory]
    [InlineData(1, 7, 3, false)]
    [InlineData(5, 64, 129, true)]
    [InlineData(16, 300, 2048, false)]
    [InlineData(1, 9, 3, true)]
    [InlineData(2, 40, 7, true)]
    [InlineData(3, 12, 8, true)]
    [InlineData(9, 300, 2047, true)]
    public void Thin_linear_equals_the_matrix_product(long rows, long inputs, long outputs, bool bias)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (x, w, b) = (Random(1, rows, inputs), Random(2, outputs, inputs), bias ? Random(3, outputs) : null);
        var y = ThinLinearKernel.Forward(x, w, b, rows, inputs, outputs);
        Assert.True(Distance(y, nn.functional.linear(x, w, b)) < 1e-4, $"{Distance(y, nn.functional.linear(x, w, b))}");
    }

    [Fact]
    public void A_row_of_a_thin_linear_does_not_depend_on_the_rows_beside_it()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (x, w) = (Random(1, 7, 100), Random(2, 50, 100));
        var together = ThinLinearKernel.Forward(x, w, null, 7, 100, 50);
        for (var row = 0; row < 7; row++)
        {
            var alone = ThinLinearKernel.Forward(x.narrow(0, row, 1), w, null, 1, 100, 50);
            Assert.Equal(together.narrow(0, row, 1).data<float>().ToArray(), alone.data<float>().ToArray());
        }
    }

    private static void AssertSame(
        Tensor[] inputs,
        Tensor upstream,
        Func<Tensor[], Tensor> kernel,
        Func<Tensor[], Tensor> definition
    )
    {
        var (mine, theirs) = (Run(inputs, upstream, kernel), Run(inputs, upstream, definition));
        for (var i = 0; i < mine.Length; i++)
            Assert.True(
                Distance(mine[i], theirs[i]) < Tolerance,
                $"{(i == 0 ? "value" : $"gradient {i - 1}")}: {Distance(mine[i], theirs[i])}"
            );
    }

    private static Tensor[] Run(Tensor[] inputs, Tensor upstream, Func<Tensor[], Tensor> function)
    {
        var leaves = inputs.Select(input => input.clone().requires_grad_()).ToArray();
        var output = function(leaves);
        output.backward([upstream]);
        return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }

    private static double Distance(Tensor a, Tensor b) =>
        ((a - b).abs().max() / b.abs().max().clamp_min(1)).item<float>();

    private static Tensor Random(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed, CPU);
        return randn(shape, generator: generator);
    }
}
