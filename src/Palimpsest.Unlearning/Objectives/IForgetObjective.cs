namespace Palimpsest.Unlearning;

/// <summary>The term of a loss that makes a model forget: a function of what was scored, and of its own state where it
/// has one.</summary>
public interface IForgetObjective : ITrainState
{
    /// <summary>What <see cref="Loss"/> reads.</summary>
    ForgetNeeds Needs { get; }

    /// <summary>The block, counted from 0, whose output the objective reads; null where it reads none.</summary>
    /// <param name="config">The model's.</param>
    /// <exception cref="InputException">The model has no such block.</exception>
    int? HiddenLayer(DecoderConfig config) => null;

    /// <summary>How a retain term of hidden states averages over tokens.</summary>
    HiddenMean HiddenMean => HiddenMean.Tokens;

    /// <summary>The loss, a float32 scalar; lower is more forgotten.</summary>
    Tensor Loss(ForgetStep step);

    /// <summary>After each optimiser step.</summary>
    /// <param name="step">Where training stands, at the step's last micro-batch.</param>
    void AfterStep(TrainStep step) { }
}
