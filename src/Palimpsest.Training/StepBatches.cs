namespace Palimpsest.Training;

/// <summary>The named batches of one micro-step, for example <c>train</c>, or <c>forget</c> and
/// <c>retain</c>.</summary>
/// <param name="batches">Token batches by name.</param>
/// <param name="tensors">Plain tensors by name, rows first; null for none.</param>
public sealed class StepBatches(
    IReadOnlyDictionary<string, TokenBatch> batches,
    IReadOnlyDictionary<string, Tensor>? tensors = null
) : IDisposable
{
    /// <summary>The name of a plain training batch.</summary>
    public const string Train = "train";

    /// <summary>The name of the batch to be forgotten.</summary>
    public const string Forget = "forget";

    /// <summary>The name of the batch to be kept.</summary>
    public const string Retain = "retain";

    /// <summary>The name of the batch with other answers to the forget questions.</summary>
    public const string Alternate = "alternate";

    private readonly IReadOnlyDictionary<string, Tensor> _tensors = tensors ?? new Dictionary<string, Tensor>();

    /// <summary>The batch of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public TokenBatch this[string name] =>
        batches.TryGetValue(name, out var batch)
            ? batch
            : throw new KeyNotFoundException($"No batch '{name}'; there are: {string.Join(", ", batches.Keys)}.");

    /// <summary>The batch of a name, or null.</summary>
    public TokenBatch? Find(string name) => batches.GetValueOrDefault(name);

    /// <summary>The plain tensor of a name, rows first.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor Values(string name) =>
        _tensors.TryGetValue(name, out var value)
            ? value
            : throw new KeyNotFoundException($"No tensor '{name}'; there are: {string.Join(", ", _tensors.Keys)}.");

    /// <summary>Rows of the largest batch; 0 when nothing was drawn.</summary>
    public long RowCount =>
        batches
            .Values.Select(b => b.Ids.shape[0])
            .Concat(_tensors.Values.Select(t => t.shape[0]))
            .DefaultIfEmpty()
            .Max();

    /// <summary>Tokens of all batches, padding left out; rows of the plain tensors.</summary>
    public long RealTokens =>
        batches.Values.Sum(batch => batch.AttentionMask.sum().item<long>())
        + _tensors.Values.Select(t => t.shape[0]).DefaultIfEmpty().Max();

    /// <summary>One row of every batch, as views; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">The batches differ in rows, so that no row belongs to one
    /// example.</exception>
    public StepBatches Row(int row)
    {
        var rows = RowCount;
        if (batches.Values.Any(b => b.Ids.shape[0] != rows) || _tensors.Values.Any(t => t.shape[0] != rows))
            throw new InvalidOperationException("The batches of this step differ in rows: there is no example of one.");
        return new(
            batches.ToDictionary(b => b.Key, b => b.Value.Row(row)),
            _tensors.ToDictionary(t => t.Key, t => t.Value.narrow(0, row, 1))
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in batches.Values)
            batch.Dispose();
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}
