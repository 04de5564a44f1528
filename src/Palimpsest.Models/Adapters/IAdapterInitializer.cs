namespace Palimpsest.Models;

/// <summary>How a low-rank adapter begins.</summary>
public interface IAdapterInitializer
{
    /// <summary>The choice with its settings, in words; part of a run's identity.</summary>
    string Description { get; }

    /// <summary>
    /// True where the base gives up what the factors begin with, W − s·BA, so that the model's output stays as it is:
    /// such an adapter fits this changed base alone. False where B begins with zeros.
    /// </summary>
    bool ChangesBase { get; }

    /// <summary>The factors of one projection; the adapter owns them.</summary>
    /// <param name="target">The projection; its weight [Out, In] may be read.</param>
    /// <param name="rank">r, at least 1.</param>
    /// <param name="scale">s, by which BA is multiplied.</param>
    /// <param name="random">Draws of this adapter; projections are asked in the order of the model's.</param>
    /// <returns>A [r, In] and B [Out, r] float32 on the CPU.</returns>
    (Tensor Down, Tensor Up) Start(ProjectionRef target, int rank, double scale, SeededRandom random);
}
