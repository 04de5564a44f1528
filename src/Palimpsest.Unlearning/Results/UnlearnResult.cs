namespace Palimpsest.Unlearning;

/// <summary>What came out of an unlearning run: <see cref="ChangedWeights"/>, <see cref="AdapterOnBase"/>,
/// <see cref="Composed"/> or <see cref="Lineage"/>.</summary>
/// <param name="Training">How the run ended.</param>
public abstract record UnlearnResult(TrainResult Training)
{
    /// <summary>The decoder that forgot, ready to generate and to be audited; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">Several models answer as one, see <see cref="Composed"/>;
    /// <see cref="Open"/> gives what answers.</exception>
    public abstract CausalLM Model { get; }

    /// <summary>The adapter attached to <see cref="Model"/>, or null.</summary>
    public virtual LoraAdapter? Adapter => null;

    /// <summary>The parts of the result that still hold the knowledge, in words; empty when none does.</summary>
    /// <remarks>What lies outside the result (the original, the run folder's checkpoints) is not listed.</remarks>
    public abstract IReadOnlyList<string> StillHeldBy { get; }

    /// <summary>True when what the result stores still holds the knowledge.</summary>
    public bool KnowledgeInStoredWeights => StillHeldBy.Count > 0;

    /// <summary>Why the run stopped before its last step, or null.</summary>
    public string? StoppedBecause { get; init; }

    /// <summary>What answers: to be generated from, scored and audited.</summary>
    /// <param name="original">The model that forgetting started from; it has to outlive what is returned.</param>
    /// <param name="name">A name for tables.</param>
    /// <returns>A model that owns <see cref="Model"/>, or of composed ones none.</returns>
    public virtual GeneratingModel Open(LanguageModel original, string name)
    {
        ArgumentNullException.ThrowIfNull(original);
        return (LanguageModel)original.WithDecoder(Model, name);
    }

    /// <summary>Writes a folder, whole or not at all, that <see cref="StoredModel.Load"/> reads.</summary>
    /// <param name="folder">What is there is replaced.</param>
    /// <param name="original">The model that forgetting started from.</param>
    /// <param name="path">Where it lies: a Hugging Face folder or a GGUF file.</param>
    /// <param name="about">What else is recorded, for example the command; null for nothing.</param>
    /// <exception cref="InputException">The folder cannot be written; it is as it was.</exception>
    public void Save(string folder, LanguageModel original, string path, ResultRecord? about = null)
    {
        ArgumentNullException.ThrowIfNull(original);
        AtomicFolder.WriteWhole(
            folder,
            place =>
            {
                var record = Write(place, original, path, about ?? new());
                (record with { MergedAdapters = ResultRecord.Read(place)?.MergedAdapters ?? [] }).Write(place);
            }
        );
    }

    /// <summary>Writes the weights; gives the record to be written beside them.</summary>
    private protected abstract ResultRecord Write(
        string folder,
        LanguageModel original,
        string path,
        ResultRecord about
    );
}
