namespace Palimpsest.Models;

/// <summary>The last queries of a prompt that is read in parts.</summary>
/// <param name="queries">Rotated [B, H, N, Dh]; belongs to it from now on, as the others do.</param>
/// <param name="positions">Positions in the text [B or 1, N] int64.</param>
/// <param name="real">[B, N] bool; null when every query is real.</param>
internal sealed class LateQueries(Tensor queries, Tensor positions, Tensor? real) : IDisposable
{
    private readonly Tensor _queries = queries.DetachFromDisposeScope();
    private readonly Tensor _positions = positions.DetachFromDisposeScope();
    private readonly Tensor? _real = real?.DetachFromDisposeScope();

    /// <summary>Copies of the last <paramref name="most"/> queries of a pass and of those before it.</summary>
    public static LateQueries Of(SegmentedQuery query, int most)
    {
        using var scope = NewDisposeScope();
        var count = Math.Min(most, query.Unrotated.shape[2]);
        return new(
            Last(query.Rotated ?? query.Unrotated, 2, count),
            Last(query.Positions, 1, count),
            query.Real is null ? null : Last(query.Real, 1, count)
        );
    }

    /// <summary>A pass's queries behind these.</summary>
    public SegmentedQuery Before(SegmentedQuery query)
    {
        var (batch, early, late) = (_queries.shape[0], _queries.shape[2], query.Unrotated.shape[2]);
        var queries = cat([_queries, query.Rotated ?? query.Unrotated], 2);
        var positions = cat([_positions.expand(batch, early), query.Positions.expand(batch, late)], 1);
        var real =
            _real is null && query.Real is null
                ? null
                : cat([_real ?? AllReal(batch, early), query.Real ?? AllReal(batch, late)], 1);
        return new(queries, queries, positions, real);

        Tensor AllReal(long rows, long count) => ones([rows, count], ScalarType.Bool, device: _queries.device);
    }

    /// <summary>The same of some rows.</summary>
    public LateQueries Select(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return new(
            _queries.index_select(0, rows),
            _positions.shape[0] == 1 ? _positions.clone() : _positions.index_select(0, rows),
            _real?.index_select(0, rows)
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queries.Dispose();
        _positions.Dispose();
        _real?.Dispose();
    }

    private static Tensor Last(Tensor x, int dimension, long count) =>
        x.narrow(dimension, x.shape[dimension] - count, count).clone();
}
