using System.Text.RegularExpressions;
using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>Which projections an adapter changes, and with which rank and scale, as PEFT matches names.</summary>
internal static class LoraTargets
{
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);

    /// <summary>The projections that the options name.</summary>
    /// <exception cref="InputException">A name fits none.</exception>
    public static IReadOnlyList<ProjectionRef> Of(CausalLM model, LoraOptions options)
    {
        if (options.Layers?.Where(l => l < 0 || l >= model.Config.Layers).ToArray() is [var layer, ..])
            throw new InputException(
                $"layers_to_transform: layer {layer} is not there; the model has {model.Config.Layers}."
            );
        if (options.TargetModules is ["all-linear"])
            return [.. model.Projections.Where(p => p.Layer is not null && IsIn(p, options.Layers))];
        foreach (var name in options.TargetModules)
        {
            if (!model.Projections.Any(p => EndsWith(p.Path, name)))
            {
                throw new InputException(
                    $"target_modules: '{name}' is no projection of a {model.Config.Family} model; it has "
                        + $"{Known(model)}."
                );
            }
        }

        return
        [
            .. model.Projections.Where(p =>
                options.TargetModules.Any(name => EndsWith(p.Path, name)) && IsIn(p, options.Layers)
            ),
        ];
    }

    /// <summary>The projections that are trained whole.</summary>
    /// <exception cref="InputException">A name fits none.</exception>
    public static IReadOnlyList<ProjectionRef> Saved(CausalLM model, LoraOptions options) =>
        [
            .. options.ModulesToSave.SelectMany(name =>
                model.Projections.Where(p => EndsWith(p.Path, name)).ToArray() is { Length: > 0 } found
                    ? found
                    : throw new InputException(
                        $"modules_to_save: '{name}' is no projection of a {model.Config.Family} model; it has "
                            + $"{Known(model)}."
                    )
            ),
        ];

    /// <summary>The rank of a projection.</summary>
    public static int Rank(LoraOptions options, string path) => Pattern(options.RankPattern, path, options.Rank);

    /// <summary>s = α/r, or α/√r.</summary>
    public static double Scale(LoraOptions options, string path)
    {
        var (rank, alpha) = (Rank(options, path), Pattern(options.AlphaPattern, path, options.Alpha));
        return alpha / (options.RankStabilized ? Math.Sqrt(rank) : rank);
    }

    /// <summary>A parameter that outlives the current scope.</summary>
    public static Parameter NewParameter(Tensor value) => (Parameter)new Parameter(value).DetachFromDisposeScope();

    private static bool IsIn(ProjectionRef target, IReadOnlyList<int>? layers) =>
        layers is null || (target.Layer is { } layer && layers.Contains(layer));

    private static bool EndsWith(string path, string name) =>
        path == name || path.EndsWith("." + name, StringComparison.Ordinal);

    private static string Known(CausalLM model) =>
        string.Join(", ", model.Projections.Select(p => p.Name).Distinct().Order(StringComparer.Ordinal));

    private static T Pattern<T>(IReadOnlyDictionary<string, T> patterns, string path, T absent)
    {
        foreach (var (pattern, value) in patterns)
        {
            try
            {
                if (Regex.IsMatch(path, $@"^(.*\.)?({pattern})$", RegexOptions.CultureInvariant, MostTime))
                    return value;
            }
            catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
            {
                throw new InputException(
                    $"rank_pattern or alpha_pattern: '{pattern}' is not a usable regular expression.",
                    error
                );
            }
        }

        return absent;
    }
}
