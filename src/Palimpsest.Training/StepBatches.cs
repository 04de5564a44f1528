namespace Palimpsest.Training;

/// <summary>The named batches of one micro-step, for example <c>train</c>, or <c>forget</c> and
/// <c>retain</c>.</summary>
/// <param name="batches">By name.</param>
public sealed class StepBatches(IReadOnlyDictionary<string, TokenBatch> batches) : IDisposable
{
    /// <summary>The name of a plain training batch.</summary>
    public const string Train = "train";

    /// <summary>The name of the batch to be forgotten.</summary>
    public const string Forget = "forget";

    /// <summary>The name of the batch to be kept.</summary>
    public const string Retain = "retain";

    /// <summary>The name of the batch with other answers to the forget questions.</summary>
    public const string Alternate = "alternate";

    /// <summary>The batch of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public TokenBatch this[string name] =>
        batches.TryGetValue(name, out var batch)
            ? batch
            : throw new KeyNotFoundException($"No batch '{name}'; there are: {string.Join(", ", batches.Keys)}.");

    /// <summary>The batch of a name, or null.</summary>
    public TokenBatch? Find(string name) => batches.GetValueOrDefault(name);

    /// <summary>Tokens of all batches, padding left out.</summary>
    public long RealTokens => batches.Values.Sum(batch => batch.AttentionMask.sum().item<long>());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in batches.Values)
            batch.Dispose();
    }
}
