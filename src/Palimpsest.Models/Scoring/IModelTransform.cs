namespace Palimpsest.Models;

/// <summary>Makes a changed copy of a model: relearning, quantisation, further pre-training.</summary>
public interface IModelTransform
{
    /// <summary>A short name for tables, for example <c>quantise-int4-g64</c>.</summary>
    string Name { get; }

    /// <summary>Returns a new model that the caller disposes; the argument is left as it is.</summary>
    Task<IWeightModel> ApplyAsync(
        IWeightModel model,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    );
}
