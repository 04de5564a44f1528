namespace Palimpsest.Reproductions;

/// <summary>A published system's claim, runnable on small models: it says what it compares, measures a seed, and
/// judges.</summary>
public interface IReproduction
{
    /// <summary>Grows whenever the measurement changes; results of another version are not reused.</summary>
    int Version { get; }

    /// <summary>The claim in words.</summary>
    string Claim { get; }

    /// <summary>What it is compared with, measured in the same run.</summary>
    string Baseline { get; }

    /// <summary>Models, data and settings, and where they differ from the paper's.</summary>
    string Setting { get; }

    /// <summary>What has to hold; at least one.</summary>
    IReadOnlyList<Criterion> Criteria { get; }

    /// <summary>The seeds that the claim is measured on unless others are asked for, at least three.</summary>
    IReadOnlyList<ulong> Seeds => [1, 2, 3];

    /// <summary>What model from elsewhere it is measured on, beside those that the workbench trains: a phrase with an
    /// example; null where there is none.</summary>
    string? ModelNeeded => null;

    /// <summary>Measures the system and its baseline for one seed.</summary>
    /// <param name="context">Models, progress, child processes.</param>
    /// <param name="seed">Seed of world, models and methods.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>Every value, also those that no criterion reads.</returns>
    Task<IReadOnlyList<Measurement>> MeasureAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    );
}
