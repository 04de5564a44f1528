using TorchSharp.Modules;

namespace Palimpsest.Checkpoints;

/// <summary>A projection that computes with the codes of a GGUF file where they lie, mapped into memory: one tensor, or
/// several that are fused by rows.</summary>
/// <remarks>The file must not change while the model lives.</remarks>
internal sealed class StoredProjection : CodedProjection
{
    private readonly GgufFile _file;
    private readonly IReadOnlyList<GgufRows> _pieces;
    private bool _isDisposed;

    /// <summary>A projection over tensors of a file, which it keeps open.</summary>
    public StoredProjection(string name, GgufFile file, IReadOnlyList<GgufRows> pieces, Parameter? bias)
        : base(name, pieces[0].Width, pieces.Sum(piece => piece.Count), bias)
    {
        (_file, _pieces) = (file.Share(), pieces);
        HasIntegerProducts = pieces.All(piece => piece.HasIntegerProducts);
    }

    /// <inheritdoc/>
    public override string HeldAs => "as a GGUF file's codes";

    /// <inheritdoc/>
    public override long CodeBytes => _pieces.Sum(piece => piece.ByteCount);

    internal override bool HasIntegerProducts { get; }

    /// <inheritdoc/>
    public override Projection Clone(Parameter? bias) => new StoredProjection(GetName(), _file, _pieces, bias);

    internal override void DecodeRow(long row, Span<float> values)
    {
        foreach (var piece in _pieces)
        {
            if (row < piece.Count)
            {
                piece.Decode(row, values);
                return;
            }

            row -= piece.Count;
        }
    }

    internal override void Multiply(RoundedRows x, in CodeTarget target, long first, long end)
    {
        long start = 0;
        foreach (var piece in _pieces)
        {
            var (from, to) = (Math.Max(first - start, 0), Math.Min(end - start, piece.Count));
            if (from < to)
                piece.Multiply(x, target.From(start), from, to);
            start += piece.Count;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _file.Release();
        }

        base.Dispose(disposing);
    }
}
