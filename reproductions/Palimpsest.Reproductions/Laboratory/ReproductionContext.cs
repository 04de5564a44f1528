using System.Text.Json;

namespace Palimpsest.Reproductions;

/// <summary>What a reproduction works with: cached models, processes of their own, progress.</summary>
/// <param name="workbench">Trains and keeps the small models.</param>
/// <param name="program">Starts child processes; null where none can be started.</param>
/// <param name="progress">Told of every part.</param>
public sealed class ReproductionContext(
    Workbench workbench,
    ChildProgram? program = null,
    IProgress<TaskProgress>? progress = null
)
{
    /// <summary>Told of every part.</summary>
    public IProgress<TaskProgress>? Progress => progress;

    /// <summary>Size of the worlds; the seed is put in. Results are comparable only with equal sizes.</summary>
    public WorldOptions World { get; init; } = new();

    /// <summary>Size and training of the models; the seed is put in.</summary>
    public WorkbenchOptions Models { get; init; } = new();

    /// <summary>The model from elsewhere; null where none is given.</summary>
    public GivenModel? Given { get; init; }

    /// <summary>The model of a recipe, trained first where the cache does not have it; the caller disposes
    /// it.</summary>
    /// <param name="recipe">What it reads, its shape, its training.</param>
    /// <param name="cancellationToken">Stops between steps; training goes on there the next time.</param>
    public Task<LanguageModel> ModelAsync(ModelRecipe recipe, CancellationToken cancellationToken) =>
        workbench.LoadAsync(recipe, progress, cancellationToken);

    /// <summary>A model of a world in the context's size; the caller disposes it.</summary>
    /// <param name="world">What it knows.</param>
    /// <param name="role">Which model.</param>
    /// <param name="cancellationToken">Stops between steps; training goes on there the next time.</param>
    public Task<LanguageModel> ModelAsync(World world, ModelRole role, CancellationToken cancellationToken) =>
        workbench.LoadAsync(world, role, Models, progress, cancellationToken);

    /// <summary>A world with the model that learnt it and the one that never saw the people to be forgotten.</summary>
    /// <param name="seed">Seed of world and models.</param>
    /// <param name="forgetShare">Share of the people that ask to be forgotten, in (0, 0.5].</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public Task<WorldLab> LabAsync(ulong seed, double forgetShare, CancellationToken cancellationToken) =>
        LabAsync(World with { ForgetShare = forgetShare }, Models, seed, cancellationToken);

    /// <summary>A world of a size of its own and its two models.</summary>
    /// <param name="world">The world; the seed is put in.</param>
    /// <param name="models">Size and training of its models; the seed is put in.</param>
    /// <param name="seed">Seed of world and models.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public Task<WorldLab> LabAsync(
        WorldOptions world,
        WorkbenchOptions models,
        ulong seed,
        CancellationToken cancellationToken
    ) =>
        WorldLab.OpenAsync(
            Palimpsest.Worlds.World.Generate(world with { Seed = seed }),
            (of, role, token) => workbench.LoadAsync(of, role, models, progress, token),
            cancellationToken
        );

    /// <summary>What one arm gives in a process of its own.</summary>
    /// <exception cref="InputException">No child process can be started here, or it failed.</exception>
    public async Task<IReadOnlyList<Measurement>> MeasureInChildAsync(
        string id,
        string arm,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        if (program is null)
            throw new InputException(
                $"Arm '{arm}' of '{id}' needs a process of its own, and no program is given that could be started."
            );
        progress?.Report(new($"{arm}, in a process of its own", 0, 0));
        var output = await program
            .RunAsync(
                [
                    "reproduce",
                    id,
                    "--seeds",
                    FormattableString.Invariant($"{seed}"),
                    "--threads",
                    FormattableString.Invariant($"{get_num_threads()}"),
                    "--child-arm",
                    arm,
                    "--json",
                ],
                cancellationToken
            )
            .ConfigureAwait(false);
        return JsonSerializer.Deserialize<IReadOnlyList<Measurement>>(output, ReproductionResult.Json)!;
    }
}
