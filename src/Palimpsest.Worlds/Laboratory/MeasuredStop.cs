namespace Palimpsest.Worlds;

/// <summary>Measures a model while it is trained and stops at the first step at which a condition holds.</summary>
/// <param name="like">Tokenizer and conventions of the model in training.</param>
/// <param name="every">Steps between measurements, at least 1.</param>
/// <param name="reached">Measures the model after a step; true stops.</param>
public sealed class MeasuredStop(LanguageModel like, int every, Func<LanguageModel, int, Task<bool>> reached)
    : ITrainExtension
{
    private readonly int _every = Require.AtLeast(every, 1, nameof(every));

    /// <summary>The step at which the condition first held; null while it has not.</summary>
    public int? Step { get; private set; }

    /// <inheritdoc/>
    public bool AfterStep(ITrainable model, TrainProgress progress)
    {
        if (progress.Step % _every != 0)
            return false;
        // The view shares the decoder, which the training owns: it is not disposed here. The trainer's thread has to
        // wait.
        var view = (LanguageModel)like.WithDecoder((CausalLM)model, like.Name);
        if (!reached(view, progress.Step).GetAwaiter().GetResult())
            return false;
        Step = progress.Step;
        return true;
    }
}
