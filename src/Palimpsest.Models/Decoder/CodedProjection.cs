using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>A projection whose weight is kept as codes, never as a whole matrix of float32. On the CPU.</summary>
/// <remarks>
/// A step of decoding, one token of each row, rounds the activations to 8 bits per block of 32 and multiplies them with
/// the codes as integers, where the format has such products: within 2e-2 of the dequantised product. A router, a pass
/// over more tokens, and one that records a gradient decode the weight block by block and compute in float32. Which of
/// the two is done depends on the pass alone, not on the rows beside a row.
/// Frozen: no gradient reaches the codes; it reaches the input, the bias and the deltas.
/// </remarks>
public abstract unsafe class CodedProjection : Projection
{
    // Decoded numbers that stay in the second cache until they have been multiplied.
    private const long BlockNumbers = 1 << 17;
    private const long PartNumbers = 1 << 15;
    private const long LeastShared = 1 << 16;
    private const int MostParts = 32;

    private protected CodedProjection(string name, long inFeatures, long outFeatures, Parameter? bias)
        : base(name, inFeatures, outFeatures, bias)
    {
        if (bias is not null)
            register_parameter("bias", bias);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters => [];

    /// <inheritdoc/>
    public override string HeldAs => "quantised";

    /// <summary>Whether codes and rounded activations are multiplied as integers.</summary>
    internal abstract bool HasIntegerProducts { get; }

    /// <summary>Writes the values of an output's row of the weight.</summary>
    internal abstract void DecodeRow(long row, Span<float> values);

    /// <summary>Products of integers for some outputs.</summary>
    /// <param name="x">Rounded activations.</param>
    /// <param name="target">Where the outputs go.</param>
    /// <param name="first">First output.</param>
    /// <param name="end">The first after the last.</param>
    internal abstract void Multiply(RoundedRows x, in CodeTarget target, long first, long end);

    /// <inheritdoc/>
    public override Tensor BaseWeight(long rowStart, long rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowStart);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowStart + rowCount, OutFeatures, nameof(rowCount));
        var result = empty([rowCount, InFeatures], dtype: ScalarType.Float32);
        var (values, parts) = ((nint)TensorMemory.Floats(result), TensorMemory.Parts(rowCount, InFeatures));
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, rowCount);
                for (var row = first; row < end; row++)
                    DecodeRow(rowStart + row, new((float*)values + row * InFeatures, (int)InFeatures));
            }
        );
        return result;
    }

    /// <summary>The values of some rows [N, In] float32; the caller disposes them.</summary>
    /// <param name="rows">[N] int64 within the outputs, on the CPU.</param>
    internal Tensor Rows(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var result = empty([rows.numel(), InFeatures], dtype: ScalarType.Float32);
        var values = TensorMemory.Floats(result);
        foreach (var row in rows.reshape(-1).contiguous().data<long>())
        {
            DecodeRow(row, new(values, (int)InFeatures));
            values += InFeatures;
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor Linear(Tensor input) => Linear(input, default);

    private protected override Tensor Linear(Tensor input, in DeltaContext context)
    {
        if (is_grad_enabled() && input.requires_grad)
        {
            var output = CodedLinearFunction.apply(input, this);
            return Bias is null ? output : output + Bias;
        }

        if (is_grad_enabled())
        {
            using var weight = BaseWeight(0, OutFeatures);
            return nn.functional.linear(input, weight, Bias);
        }

        var rows = input.numel() / InFeatures;
        if (HasIntegerProducts && IsStep(input, context))
            return MultiplyRounded(TensorMemory.Contiguous(input), (int)rows);
        return rows <= DecodedThinKernel.MostRows
            ? DecodedThinKernel.Forward(TensorMemory.Contiguous(input), this, rows)
            : MultiplyDecoded(input, rows);
    }

    // Inside experts tokens are one list, and only the pass knows that each row has one.
    private static bool IsStep(Tensor input, in DeltaContext context) =>
        context.Tokens is { } tokens ? tokens == 1 && !context.ChoosesExperts : input.dim() > 2 && input.shape[^2] == 1;

    private Tensor MultiplyRounded(Tensor input, int rows)
    {
        var shape = input.shape;
        shape[^1] = OutFeatures;
        var output = empty(shape, dtype: ScalarType.Float32);
        var x = RoundedRows.Of(TensorMemory.Floats(input), rows, (int)InFeatures);
        var target = new CodeTarget(
            (nint)TensorMemory.Floats(output),
            OutFeatures,
            Bias is null ? 0 : (nint)TensorMemory.Floats(Bias)
        );
        var numbers = OutFeatures * InFeatures * rows;
        var parts = numbers < LeastShared ? 1 : (int)Math.Clamp(numbers / PartNumbers, 1, MostParts);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, OutFeatures);
                Multiply(x, target, first, end);
            }
        );
        return output;
    }

    private Tensor MultiplyDecoded(Tensor input, long rows)
    {
        using var scope = NewDisposeScope();
        var flat = input.reshape(rows, InFeatures);
        var shape = input.shape;
        shape[^1] = OutFeatures;
        var output = empty([rows, OutFeatures], dtype: ScalarType.Float32);
        var block = Math.Max(16, BlockNumbers / InFeatures / 16 * 16);
        for (long first = 0; first < OutFeatures; first += block)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(block, OutFeatures - first);
            var bias = Bias?.narrow(0, first, count);
            output.narrow(1, first, count).copy_(nn.functional.linear(flat, BaseWeight(first, count), bias));
        }

        return output.view(shape).MoveToOuterDisposeScope();
    }
}
