namespace Palimpsest.Checkpoints;

/// <summary>What GGUF files change in a family's weights: the order of rotary rows, the one in a norm, the side of a
/// matrix.</summary>
internal sealed class GgufWeightLayout
{
    private readonly DecoderConfig _config;
    private readonly WeightNames _names;
    private readonly GgufArchitecture _architecture;

    /// <summary>The changes for a model of that shape.</summary>
    public GgufWeightLayout(DecoderConfig config)
    {
        _config = config;
        _names = ModelFamilies.Of(config.Family).Names(config);
        _architecture = GgufArchitecture.OfFamily(config.Family);
    }

    /// <summary>A file's tensor as a checkpoint of the model holds it.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="value">Float32, in the file's shape.</param>
    /// <exception cref="InputException">Rows are not whole heads.</exception>
    public Tensor ToModel(string name, Tensor value)
    {
        if (HeadsOf(name) is { } heads)
            return Swap(value, heads, Halves(value, heads));
        if (_architecture.AddsOneToNorms && value.dim() == 1)
            return value - 1;
        return IsTransposed(name, value) ? value.t() : value;
    }

    /// <summary>The file's row of each row [Out] of the decoder's weight; null where they are in one order.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="rows">Rows of the weight.</param>
    /// <exception cref="InputException">Rows are not whole heads.</exception>
    public int[]? StoredRows(string name, long rows)
    {
        if (HeadsOf(name) is not { } heads)
            return null;
        using var scope = NewDisposeScope();
        var places = arange(rows, dtype: ScalarType.Int32);
        return Swap(places, heads, Halves(places, heads)).data<int>().ToArray();
    }

    /// <summary>A weight as the decoder holds it, [Out, In], as the file holds it.</summary>
    public Tensor ToFile(string name, Tensor value)
    {
        if (HeadsOf(name) is { } heads)
            return Swap(value, heads, 2);
        return _architecture.AddsOneToNorms && value.dim() == 1 ? value + 1 : value.alias();
    }

    /// <summary>Heads whose rows are reordered, or null.</summary>
    private int? HeadsOf(string name)
    {
        if (!_architecture.PermutesQueriesAndKeys)
            return null;
        var module = name[..name.LastIndexOf('.')];
        if (module.EndsWith(_names.QueryKeyValue[0], StringComparison.Ordinal))
            return _config.Heads;
        return module.EndsWith(_names.QueryKeyValue[1], StringComparison.Ordinal) ? _config.KeyValueHeads : null;
    }

    /// <summary>Checkpoints of some families hold the matrices of blocks as [In, Out]; GGUF files never do.</summary>
    private bool IsTransposed(string name, Tensor value) =>
        _names.Transposed
        && value.dim() == 2
        && name.StartsWith(
            _names.Block[.._names.Block.IndexOf('{', StringComparison.Ordinal)],
            StringComparison.Ordinal
        );

    private static long Halves(Tensor value, int heads) =>
        value.shape[0] % (2 * heads) == 0
            ? value.shape[0] / heads / 2
            : throw new InputException(
                $"{value.shape[0]} rows; {heads} heads of rotary pairs need a multiple of {2 * heads}."
            );

    /// <summary>Rows of each head, seen as [parts, rest], in the order of [rest, parts].</summary>
    private static Tensor Swap(Tensor value, int heads, long parts)
    {
        long[] rest = [.. value.shape[1..]];
        return value
            .reshape([heads, parts, value.shape[0] / heads / parts, .. rest])
            .transpose(1, 2)
            .reshape(value.shape);
    }
}
