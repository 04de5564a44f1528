namespace Palimpsest.Foundation;

/// <summary>Places in which knowledge stays after a model was made to forget it.</summary>
public enum KnowledgePlaceKind
{
    /// <summary>The model that forgetting started from.</summary>
    Original,

    /// <summary>The model that an adapter sits on.</summary>
    Base,

    /// <summary>The model whose logits are composed with others'.</summary>
    Target,

    /// <summary>A model that was taught what another is to forget.</summary>
    Assistant,

    /// <summary>A model that was trained on all rows under differential privacy, from which others are
    /// made.</summary>
    ProtectedBase,

    /// <summary>An adapter that was merged, kept elsewhere.</summary>
    Adapter,

    /// <summary>Weights in a run folder.</summary>
    Checkpoint,

    /// <summary>Optimiser state in a run folder.</summary>
    OptimizerState,
}
