namespace Palimpsest.Unlearning;

/// <summary>A way to make a model forget.</summary>
public interface IUnlearningMethod
{
    /// <summary>The catalogue's id, for example <c>npo</c>.</summary>
    string Id { get; }

    /// <summary>False when retain rows have no effect.</summary>
    bool ReadsRetain => true;

    /// <summary>False when other answers have no effect.</summary>
    bool ReadsAlternates => true;

    /// <summary>True when anchors, expressions with generic stand-ins, have an effect.</summary>
    bool ReadsAnchors => false;

    /// <summary>True when held-out rows, where there are any, say when to stop.</summary>
    bool ReadsHoldout => false;

    /// <summary>The adapter that is trained where the job names none; null: all weights are.</summary>
    LoraOptions? OwnLora => null;

    /// <summary>False when weights of the model itself are trained and an adapter is refused.</summary>
    bool TakesAdapter => true;

    /// <summary>Names of the options' properties that the catalogue refuses for this method whatever their value;
    /// programs do not list them.</summary>
    IReadOnlyList<string> RefusedSettings => [];

    /// <summary>True when the result is <see cref="Composed"/>: models that answer as one.</summary>
    bool Composes => false;

    /// <summary>Runs the method on a copy of the job's model; the original is left as it is.</summary>
    /// <exception cref="InputException">The job lacks data that the method needs.</exception>
    Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    );
}
