namespace Palimpsest.Inference.Tests;

/// <summary>Counts what a model is asked to read, and can act before each time.</summary>
internal sealed class CountingSteps(IStepModel model) : IStepModel
{
    private readonly List<(int Rows, int Tokens)> _reads = [];

    /// <summary>Rows and tokens of each pass, in order.</summary>
    public IReadOnlyList<(int Rows, int Tokens)> Reads
    {
        get
        {
            lock (_reads)
                return [.. _reads];
        }
    }

    /// <summary>Called before a pass with its number, from 1.</summary>
    public Action<int>? BeforeRead { get; set; }

    public int VocabularySize => model.VocabularySize;

    public int MaxTokens => model.MaxTokens;

    public Device Device => model.Device;

    public bool ReadsInParts => model.ReadsInParts;

    public IStepBatch NewBatch(int rows, int capacity) => new Batch(this, model.NewBatch(rows, capacity));

    private sealed class Batch(CountingSteps steps, IStepBatch batch) : IStepBatch
    {
        public int Rows => batch.Rows;

        public int Length => batch.Length;

        public Tensor Read(StepInput input)
        {
            int number;
            lock (steps._reads)
            {
                steps._reads.Add((Rows, (int)(input.TokenIds ?? input.Embeddings)!.shape[1]));
                number = steps._reads.Count;
            }

            steps.BeforeRead?.Invoke(number);
            return batch.Read(input);
        }

        public void Keep(ReadOnlySpan<long> rows) => batch.Keep(rows);

        public void Join(IStepBatch other) => batch.Join(((Batch)other).Inner);

        public void Dispose() => batch.Dispose();

        private IStepBatch Inner => batch;
    }
}
