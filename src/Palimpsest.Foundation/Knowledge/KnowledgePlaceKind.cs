namespace Palimpsest.Foundation;

/// <summary>Places in which knowledge stays after a model was made to forget it.</summary>
public enum KnowledgePlaceKind
{
    /// <summary>The model that forgetting started from.</summary>
    Original,

    /// <summary>The model that an adapter sits on.</summary>
    Base,

    /// <summary>An adapter that was merged, kept elsewhere.</summary>
    Adapter,

    /// <summary>Weights in a run folder.</summary>
    Checkpoint,

    /// <summary>Optimiser state in a run folder.</summary>
    OptimizerState,
}
