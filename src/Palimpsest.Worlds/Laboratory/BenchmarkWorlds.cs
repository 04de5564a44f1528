namespace Palimpsest.Worlds;

/// <summary>Worlds as what stand-ins of benchmarks are made of.</summary>
public static class BenchmarkWorlds
{
    /// <summary>The facts, rows and biographies of a world.</summary>
    /// <param name="world">The world; its seed is that of what a stand-in draws.</param>
    public static BenchmarkWorld Of(World world)
    {
        ArgumentNullException.ThrowIfNull(world);
        return new()
        {
            Facts = world.Facts,
            Forget = world.QaRows(FactScope.Forget),
            Retain = world.QaRows(FactScope.Retain),
            Holdout = world.HoldoutRows,
            ForgetTexts =
            [
                .. world.Biographies.Where(text => text.Scope == FactScope.Forget).Select(text => text.Text),
            ],
            Seed = world.Options.Seed,
        };
    }
}
