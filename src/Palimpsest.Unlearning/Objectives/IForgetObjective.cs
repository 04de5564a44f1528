namespace Palimpsest.Unlearning;

/// <summary>The term of a loss that makes a model forget: a pure function of what was scored.</summary>
public interface IForgetObjective
{
    /// <summary>What <see cref="Loss"/> reads.</summary>
    ForgetNeeds Needs { get; }

    /// <summary>The loss, a float32 scalar; lower is more forgotten.</summary>
    Tensor Loss(ForgetStep step);
}
