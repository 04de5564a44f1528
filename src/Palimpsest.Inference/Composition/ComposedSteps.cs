namespace Palimpsest.Inference;

/// <summary>Reads the same tokens with several models, each with a cache of its own, and composes their
/// logits.</summary>
internal sealed class ComposedSteps(IReadOnlyList<IStepModel> models, ILogitComposer composer, LogitUse use)
    : IStepModel
{
    /// <inheritdoc/>
    public int VocabularySize => models[0].VocabularySize;

    /// <inheritdoc/>
    public int MaxTokens => models.Min(model => model.MaxTokens);

    /// <inheritdoc/>
    public Device Device => models[0].Device;

    /// <inheritdoc/>
    public bool ReadsInParts => models.All(model => model.ReadsInParts);

    /// <inheritdoc/>
    public IStepBatch NewBatch(int rows, int capacity)
    {
        var batches = new List<IStepBatch>(models.Count);
        try
        {
            foreach (var model in models)
                batches.Add(model.NewBatch(rows, capacity));
            return new Batch(this, batches);
        }
        catch
        {
            foreach (var batch in batches)
                batch.Dispose();
            throw;
        }
    }

    private Tensor Compose(IReadOnlyList<Tensor> logits) => composer.Compose(logits, use);

    private sealed class Batch(ComposedSteps steps, IReadOnlyList<IStepBatch> batches) : IStepBatch
    {
        public int Rows => batches[0].Rows;

        public int Length => batches[0].Length;

        public Tensor Read(StepInput input)
        {
            ArgumentNullException.ThrowIfNull(input);
            if (input.Embeddings is not null)
                throw new InputException("Composed models read token ids: each has embeddings of its own.");
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            Tensor[] logits = [.. batches.Select(batch => batch.Read(input))];
            return steps.Compose([.. logits.Select(one => one.to(logits[0].device))]).MoveToOuterDisposeScope();
        }

        public void Keep(ReadOnlySpan<long> rows)
        {
            foreach (var batch in batches)
                batch.Keep(rows);
        }

        public void Join(IStepBatch other)
        {
            if (other is not Batch composed || !ReferenceEquals(composed.Steps, steps) || ReferenceEquals(other, this))
                throw new ArgumentException(
                    "The batch that joins is not another one of the same model.",
                    nameof(other)
                );
            for (var i = 0; i < batches.Count; i++)
                batches[i].Join(composed.Batches[i]);
        }

        public void Dispose()
        {
            foreach (var batch in batches)
                batch.Dispose();
        }

        private ComposedSteps Steps => steps;

        private IReadOnlyList<IStepBatch> Batches => batches;
    }
}
