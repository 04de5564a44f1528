namespace Palimpsest.Reproductions;

/// <summary>A part of a reproduction that needs a process of its own, for example for peak memory.</summary>
public interface IChildMeasurement
{
    /// <summary>The arms that are measured so.</summary>
    IReadOnlyList<string> ChildArms { get; }

    /// <summary>Measures one arm in this process.</summary>
    /// <param name="arm">One of <see cref="ChildArms"/>.</param>
    /// <param name="seed">Seed of the data.</param>
    IReadOnlyList<Measurement> MeasureInChild(string arm, ulong seed);
}
