namespace Palimpsest.Evaluation.Tests;

/// <summary>Makes of each model the one that a test says.</summary>
internal sealed class FakeTransform(Func<IWeightModel, IWeightModel> change) : IModelTransform
{
    public string Name => "fake";

    /// <summary>Names of the models that were changed, in order.</summary>
    public List<string> Changed { get; } = [];

    public Task<IWeightModel> ApplyAsync(
        IWeightModel model,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        Changed.Add(model.Name);
        return Task.FromResult(change(model));
    }
}
