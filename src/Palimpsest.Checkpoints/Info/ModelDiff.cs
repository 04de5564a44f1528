namespace Palimpsest.Checkpoints;

/// <summary>Where and how far the weights of two models of equal shape differ.</summary>
/// <param name="First">The first folder, A.</param>
/// <param name="Second">The second folder, B.</param>
/// <param name="Total">All weights.</param>
/// <param name="Layers">Weights by layer, those outside the blocks last.</param>
/// <param name="Components">Weights by part.</param>
/// <param name="LayerComponents">Weights by layer and part.</param>
/// <param name="Tensors">Every weight.</param>
public sealed record ModelDiff(
    string First,
    string Second,
    GroupDifference Total,
    IReadOnlyList<GroupDifference> Layers,
    IReadOnlyList<GroupDifference> Components,
    IReadOnlyList<GroupDifference> LayerComponents,
    IReadOnlyList<TensorDifference> Tensors
)
{
    /// <summary>Compares two folders or GGUF files, one tensor at a time, as float32.</summary>
    /// <param name="first">A.</param>
    /// <param name="second">B.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">A folder is not valid, or families, fields or shapes differ.</exception>
    public static ModelDiff Compare(
        string first,
        string second,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        using var a = ModelReader.Open(first);
        using var b = ModelReader.Open(second);
        a.RequireSameShape(b);
        List<(ParameterRef Reference, DifferenceSums Sums)> sums = [];
        foreach (var reference in a.References)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            sums.Add((reference, DifferenceSums.Of(a.ReadFinite(reference.Name), b.ReadFinite(reference.Name))));
            progress?.Report(new("Comparing weights", sums.Count, a.References.Count));
        }

        return new(
            first,
            second,
            Group(null, null, sums.Select(s => s.Sums)),
            [
                .. sums.GroupBy(s => s.Reference.Layer)
                    .OrderBy(g => g.Key ?? int.MaxValue)
                    .Select(g => Group(g.Key, null, g.Select(s => s.Sums))),
            ],
            [.. sums.GroupBy(s => s.Reference.ComponentName).Select(g => Group(null, g.Key, g.Select(s => s.Sums)))],
            [
                .. sums.GroupBy(s => (s.Reference.Layer, s.Reference.ComponentName))
                    .OrderBy(g => g.Key.Layer ?? int.MaxValue)
                    .Select(g => Group(g.Key.Layer, g.Key.ComponentName, g.Select(s => s.Sums))),
            ],
            [
                .. sums.Select(s => new TensorDifference(
                    s.Reference.Name,
                    s.Reference.Layer,
                    s.Reference.ComponentName,
                    s.Reference.Expert,
                    s.Sums.ToDifference()
                )),
            ]
        );
    }

    private static GroupDifference Group(int? layer, string? component, IEnumerable<DifferenceSums> members)
    {
        DifferenceSums[] all = [.. members];
        return new(
            layer,
            component,
            all.Length,
            all.Count(s => s.MaxAbsolute > 0),
            all.Aggregate((x, y) => x + y).ToDifference()
        );
    }
}
