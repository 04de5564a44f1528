namespace Palimpsest.Training;

/// <summary>A part of training that may carry something from step to step: checkpoints hold it, so that a resumed run
/// is bit-identical.</summary>
public interface ITrainState
{
    /// <summary>The settings that change results; a checkpoint of a part with another is refused.</summary>
    string Fingerprint => GetType().Name;

    /// <summary>What a resumed run needs: each tensor is the state itself or a copy that the caller disposes.</summary>
    /// <remarks>Always the same names and shapes; called between two steps, after the training's start.</remarks>
    IEnumerable<(string Name, Tensor Value)> State() => [];

    /// <summary>Sets the state to what <see cref="State"/> once gave.</summary>
    /// <param name="read">Gives the tensor of a name; the scope of the caller disposes it.</param>
    void LoadState(Func<string, Tensor> read) { }
}
