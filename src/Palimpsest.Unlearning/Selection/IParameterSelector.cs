namespace Palimpsest.Unlearning;

/// <summary>Names the weights that an unlearning run may change.</summary>
public interface IParameterSelector
{
    /// <summary>The choice in words; part of a checkpoint's identity.</summary>
    string Description { get; }

    /// <summary>The weights of a model that may change.</summary>
    /// <exception cref="InputException">The choice fits no weight.</exception>
    IReadOnlyList<ParameterRef> Select(CausalLM model);

    /// <summary>Which values within weights may change, as the job's rows say; null: all of those chosen.</summary>
    /// <param name="job">Model and rows; the model is left as it is.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>A mask for every weight that is chosen; the caller disposes it.</returns>
    /// <exception cref="InputException">The job lacks rows that the choice is made by.</exception>
    UpdateMask? Mask(UnlearnJob job, CancellationToken cancellationToken) => null;
}
