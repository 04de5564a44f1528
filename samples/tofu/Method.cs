namespace Palimpsest.Samples.Tofu;

/// <summary>A way to forget with its settings.</summary>
/// <param name="Id">Its id in the catalogue.</param>
/// <param name="LearningRate">Constant learning rate of AdamW.</param>
/// <param name="Epochs">Passes over the forget rows in batches of 16.</param>
internal sealed record Method(string Id, double LearningRate, int Epochs)
{
    /// <summary>The methods of the experiment.</summary>
    public static IReadOnlyList<Method> All { get; } =
    [new("ga", 5e-5, 4), new("graddiff", 5e-5, 4), new("npo-rt", 2e-4, 4), new("simnpo", 2e-4, 8)];
}
