namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private readonly Lock _evaluationLock = new();
    private int _evaluations;
    private bool _trainsAfterwards;

    /// <summary>Puts the model into evaluation mode until the result is disposed; calls may overlap, from any thread,
    /// and the last to end restores the mode that the first found.</summary>
    public IDisposable Evaluate()
    {
        lock (_evaluationLock)
        {
            if (_evaluations++ == 0)
            {
                _trainsAfterwards = training;
                eval();
            }
        }

        return new Evaluation(this);
    }

    private void EndEvaluation()
    {
        lock (_evaluationLock)
        {
            if (--_evaluations == 0 && _trainsAfterwards)
                train();
        }
    }

    private sealed class Evaluation(CausalLM model) : IDisposable
    {
        private CausalLM? _model = model;

        public void Dispose() => Interlocked.Exchange(ref _model, null)?.EndEvaluation();
    }
}
