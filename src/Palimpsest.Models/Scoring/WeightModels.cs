namespace Palimpsest.Models;

/// <summary>Asks models for their weights.</summary>
public static class WeightModels
{
    /// <summary>The model as one whose weights can be seen.</summary>
    /// <param name="model">Any scored model.</param>
    /// <param name="work">What needs the weights, the subject of a sentence.</param>
    /// <exception cref="InputException">The model has no weights of its own, for example because it is composed of
    /// others.</exception>
    public static IWeightModel RequireWeights(this IScoredModel model, string work)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model as IWeightModel
            ?? throw new InputException(
                $"{work} needs the weights of one model; '{model.Name}' has none of its own, it is a "
                    + $"{model.GetType().Name}."
            );
    }
}
