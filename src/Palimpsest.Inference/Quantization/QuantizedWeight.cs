using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Palimpsest.Inference;

/// <summary>A matrix as packed codes with one scale per group, and zeros where the groups have their own.</summary>
/// <remarks>
/// Groups never go beyond a row, and each row's codes begin on a byte. Rounding is to the nearest, ties to even.
/// Integers: symmetric s = max|w| / (2ᵇ⁻¹ − 1), q = round(w / s); asymmetric s = (max − min) / (2ᵇ − 1)
/// over a range that holds zero, z = round(−min / s), q = round(w / s) + z. Tables: s = max|w|, q = the entry
/// nearest to w / s.
/// </remarks>
public sealed unsafe class QuantizedWeight
{
    private readonly GroupCoder _coder;
    private readonly byte[] _codes;
    private readonly float[] _scales;
    private readonly byte[] _zeros;
    private readonly int _groupsPerRow;
    private readonly int _rowBytes;

    private QuantizedWeight(int rows, int width, QuantizeOptions options)
    {
        (Rows, Width, Options) = (rows, width, options);
        _coder = GroupCoder.Of(options);
        _rowBytes = (int)PackedBits.Bytes(width, options.Bits);
        _groupsPerRow = (width + GroupSize - 1) / GroupSize;
        // Products of integers read them where they lie.
        _codes = GC.AllocateArray<byte>(checked(rows * _rowBytes), pinned: true);
        _scales = GC.AllocateArray<float>(checked(rows * _groupsPerRow), pinned: true);
        _zeros = options.Symmetric ? [] : GC.AllocateArray<byte>(_scales.Length, pinned: true);
    }

    /// <summary>Rows of the matrix.</summary>
    public int Rows { get; }

    /// <summary>Columns of the matrix.</summary>
    public int Width { get; }

    /// <summary>How it is quantised.</summary>
    public QuantizeOptions Options { get; }

    /// <summary>Packed codes, row after row; integers are stored with 2ᵇ⁻¹ added where they are
    /// symmetric.</summary>
    public ReadOnlySpan<byte> Codes => _codes;

    /// <summary>One scale per group, row after row.</summary>
    public ReadOnlySpan<float> Scales => _scales;

    /// <summary>One zero per group; empty where groups are symmetric.</summary>
    public ReadOnlySpan<byte> Zeros => _zeros;

    /// <summary>Bytes of codes, scales and zeros together.</summary>
    public long ByteCount => _codes.LongLength + sizeof(float) * _scales.LongLength + _zeros.LongLength;

    /// <summary>Whether codes and rounded activations are multiplied as integers: 4 or 8 bits in groups of 32 · 2ᵏ,
    /// or whole rows, of a width that is a multiple of 32.</summary>
    internal bool HasIntegerProducts => Options.Bits is 4 or 8 && GroupScales.Fits(Width, GroupSize);

    private int GroupSize => Options.GroupSize == 0 ? Width : Math.Min(Options.GroupSize, Width);

    /// <summary>Quantises a matrix.</summary>
    /// <param name="weight">[Rows, Width] float32.</param>
    /// <param name="options">Format, bits and groups.</param>
    /// <exception cref="InputException">The settings do not go together, or the matrix holds NaN or
    /// infinity.</exception>
    public static QuantizedWeight Quantize(Tensor weight, QuantizeOptions options)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        using var scope = NewDisposeScope();
        if (!weight.isfinite().all().item<bool>())
            throw new InputException("A weight that is to be quantised holds NaN or infinity.");
        var values = (nint)TensorMemory.Floats(weight.detach().to(ScalarType.Float32, CPU).contiguous());
        var result = new QuantizedWeight((int)weight.shape[0], (int)weight.shape[1], options);
        var (rows, width) = ((long)result.Rows, result.Width);
        var parts = TensorMemory.Parts(rows, width);
        TorchThreads.Run(
            parts,
            part =>
            {
                var codes = new byte[width];
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                for (var row = first; row < end; row++)
                    result.EncodeRow((int)row, new((float*)values + row * width, width), codes);
            }
        );
        return result;
    }

    /// <summary>The values that the codes stand for, [Rows, Width] float32; the caller disposes it.</summary>
    public Tensor Dequantize() => Dequantize(0, Rows);

    /// <summary>The values of some rows, [rows, Width] float32; the caller disposes it.</summary>
    public Tensor Dequantize(long firstRow, long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow + rows, Rows, nameof(rows));
        var result = empty([rows, Width], dtype: ScalarType.Float32);
        var (values, parts) = ((nint)TensorMemory.Floats(result), TensorMemory.Parts(rows, Width));
        TorchThreads.Run(
            parts,
            part =>
            {
                var codes = new byte[Width];
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                for (var row = first; row < end; row++)
                    DecodeRow((int)(firstRow + row), codes, new((float*)values + row * Width, Width));
            }
        );
        return result;
    }

    private void EncodeRow(int row, ReadOnlySpan<float> values, Span<byte> codes)
    {
        for (var group = 0; group < _groupsPerRow; group++)
        {
            var (start, count) = Group(group);
            var (scale, zero) = _coder.Encode(values.Slice(start, count), codes.Slice(start, count));
            _scales[row * _groupsPerRow + group] = scale;
            if (_zeros.Length > 0)
                _zeros[row * _groupsPerRow + group] = zero;
        }

        PackedBits.Pack(codes, Options.Bits, _codes.AsSpan(row * _rowBytes, _rowBytes));
    }

    /// <summary>Writes the values of a row; <paramref name="codes"/> is room for as many codes.</summary>
    internal void DecodeRow(int row, Span<byte> codes, Span<float> values)
    {
        PackedBits.Unpack(_codes.AsSpan(row * _rowBytes, _rowBytes), Options.Bits, codes);
        for (var group = 0; group < _groupsPerRow; group++)
        {
            var (start, count) = Group(group);
            var at = row * _groupsPerRow + group;
            _coder.Decode(
                codes.Slice(start, count),
                _scales[at],
                _zeros.Length > 0 ? _zeros[at] : (byte)0,
                values.Slice(start, count)
            );
        }
    }

    /// <summary>Products of integers for some rows.</summary>
    internal void Multiply(RoundedRows x, in CodeTarget target, in CodeSpan span, CodePath? path = null)
    {
        var zeros = _zeros.Length == 0 ? null : Start(_zeros);
        var groups = new GroupScales(Start(_scales), zeros, _groupsPerRow, GroupSize);
        if (Options.Format == QuantizedFormat.Nf4)
            CodeKernel.Multiply(new TableRows(Start(_codes), Width, groups, CodeTable.Nf4), x, target, span, path);
        else if (Options.Format == QuantizedFormat.Fp4)
            CodeKernel.Multiply(new TableRows(Start(_codes), Width, groups, CodeTable.Fp4), x, target, span, path);
        else if (Options.Bits == 8)
            CodeKernel.Multiply(new ByteRows(Start(_codes), Width, groups), x, target, span, path);
        else
            CodeKernel.Multiply(new HalfByteRows(Start(_codes), Width, groups), x, target, span, path);
    }

    // The array is pinned from the beginning.
    private static T* Start<T>(T[] pinned)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    private (int Start, int Count) Group(int group) =>
        (group * GroupSize, Math.Min(GroupSize, Width - group * GroupSize));
}
