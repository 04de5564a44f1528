namespace Palimpsest.Evaluation;

/// <summary>A benchmark of the catalogue with its settings: it reads its authors' files, or makes rows of the same kind
/// from a fictitious world, and gives a task that measures models.</summary>
public interface IBenchmark
{
    /// <summary>What the data is, one sentence without its full stop; for help texts.</summary>
    string Layout { get; }

    /// <summary>Reads and checks rows; no model is needed.</summary>
    /// <param name="path">A file or folder in the authors' layout.</param>
    /// <exception cref="InputException">A file is missing, or a row is malformed, there twice, or in two sets; one line
    /// names file and row.</exception>
    BenchmarkTask Read(string path);

    /// <summary>Rows of the same kind about a fictitious world, for models that know it; nothing is
    /// downloaded.</summary>
    /// <param name="world">The world.</param>
    BenchmarkTask StandIn(BenchmarkWorld world);
}
