namespace Palimpsest.Unlearning;

/// <summary>What a forget objective reads; nothing else is computed.</summary>
[Flags]
public enum ForgetNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Token NLL of the forget rows.</summary>
    Forget = 1,

    /// <summary>NLL of the forget rows under the reference model.</summary>
    ForgetReference = 2,

    /// <summary>Token NLL of other answers to the forget questions.</summary>
    Alternate = 4,

    /// <summary>NLL of those other answers under the reference model.</summary>
    AlternateReference = 8,

    /// <summary>Token NLL of retain rows, as a part of the objective itself.</summary>
    Retain = 16,

    /// <summary>Logits of the forget rows.</summary>
    ForgetLogits = 32,

    /// <summary>Logits of the forget rows under the reference model.</summary>
    ForgetReferenceLogits = 64,

    /// <summary>Hidden states of the forget rows within the model, see
    /// <see cref="IForgetObjective.HiddenLayer"/>.</summary>
    ForgetHidden = 128,
}
