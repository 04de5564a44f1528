namespace Palimpsest.Models;

public sealed partial class KvCache
{
    private const int MostRestoredRows = 4096; // a file says it before it shows the rows

    /// <summary>Gives a state everything that is held, bit for bit.</summary>
    /// <exception cref="InvalidOperationException">A prompt is read in parts and has not ended, or deltas keep numbers
    /// of the rows, whose meaning nothing outside them knows.</exception>
    public void Save(KvState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (IsInPrompt)
            throw new InvalidOperationException("A cache is not saved in the middle of a prompt.");
        if (Notes.HasKept)
            throw new InvalidOperationException("A cache of whose rows deltas keep numbers is not saved.");
        Exchange(state, null);
    }

    /// <summary>A cache as it was saved.</summary>
    /// <param name="model">The model that read it, and stays the caller's.</param>
    /// <param name="policy">The policy that it followed, of the same settings; null for none.</param>
    /// <param name="state">What was saved.</param>
    /// <exception cref="InputException">The state is of another model or policy, or not what any cache could
    /// hold.</exception>
    public static KvCache Restore(CausalLM model, IKvPolicy? policy, KvState state)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(state);
        var config = model.Config;
        var length = state.Number("length", 0, 0, int.MaxValue / 2);
        var batch = state.Number("rows", 0, 1, MostRestoredRows);
        var layers = state.Number("layers", 0);
        if (layers != config.Layers)
            throw state.Wrong("layers", $"is {layers}; the model has {config.Layers}");
        // Nothing is allocated for what a file merely says: the buffers grow with the tensors that it has.
        var cache = new KvCache(config, batch, 1, model.Device, policy) { Length = length, Reader = model };
        try
        {
            cache.Exchange(state, config);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>The ids of a row's tokens, −1 where they were erased and their places stayed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidOperationException">Tokens did not all come as ids.</exception>
    public IReadOnlyList<int> Tokens(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Batch);
        return Record.Lack is null ? [.. Record.Row(row)] : throw new InvalidOperationException(Record.Lack);
    }

    private void Exchange(KvState state, DecoderConfig? restores)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        if (restores is null)
        {
            state.Number("length", Length);
            state.Number("rows", Batch);
            state.Number("layers", Layers);
        }

        RotaryVariant = state.Number("angles", RotaryVariant);
        Notes.Exchange(state, Batch, Length);
        Record.Exchange(state.Part("record"), Batch, Length, restores?.VocabularySize ?? int.MaxValue);
        var device = _layers[0].Shape.Device;
        Real = Kept(state.TensorOrNull("real", Real?.narrow(1, 0, Length), ScalarType.Bool, Batch, Length), Real);
        long hidden = restores?.HiddenSize ?? -1;
        LastHidden = Kept(state.TensorOrNull("last", LastHidden, ScalarType.Float32, Batch, 1, hidden), LastHidden);
        var history = restores is null ? History?.narrow(1, 0, Length) : null;
        History = Kept(state.TensorOrNull("embeddings", history, ScalarType.Float32, Batch, Length, hidden), History);
        Capacity = Math.Max(Capacity, Length);
        foreach (var layer in _layers)
        {
            var part = state.Part($"layer.{layer.Layer}");
            layer.Exchange(part);
            layer.Notes.Exchange(part.Part("notes"), Batch);
            if (layer.Batch != Batch || layer.Seen != Length)
                throw part.Wrong("seen", $"is {layer.Seen}; the cache has {Length}");
        }

        Tensor? Kept(Tensor? exchanged, Tensor? held) =>
            state.IsRestoring ? exchanged?.to(device).DetachFromDisposeScope() : held;
    }
}
