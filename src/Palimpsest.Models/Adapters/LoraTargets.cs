using System.Text.RegularExpressions;
using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>Which projections an adapter changes, and with which rank and scale, as PEFT matches names.</summary>
internal static class LoraTargets
{
    /// <summary>The projections that the options name.</summary>
    /// <exception cref="InputException">A name fits none.</exception>
    public static IReadOnlyList<ProjectionRef> Of(CausalLM model, LoraOptions options)
    {
        if (options.Layers?.Where(l => l < 0 || l >= model.Config.Layers).ToArray() is [var layer, ..])
            throw new InputException(
                $"layers_to_transform: layer {layer} is not there; the model has {model.Config.Layers}."
            );
        if (options.TargetModules is [LoraOptions.AllLinear])
            return [.. model.Projections.Where(p => p.Layer is not null && IsAdapted(p, options))];
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
                options.TargetModules.Any(name => EndsWith(p.Path, name)) && IsAdapted(p, options)
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

    // What is stored whole is not adapted on top of it.
    private static bool IsAdapted(ProjectionRef target, LoraOptions options) =>
        !options.ExcludedModules.Any(name => EndsWith(target.Path, name))
        && !options.ModulesToSave.Any(name => EndsWith(target.Path, name))
        && IsInLayers(target, options);

    private static bool IsInLayers(ProjectionRef target, LoraOptions options)
    {
        if (options.Layers is not { } layers)
            return true;
        if (options.LayersPattern.Count == 0)
            return target.Layer is { } layer && layers.Contains(layer);
        foreach (var pattern in options.LayersPattern)
        {
            var found = Matching("layers_pattern", pattern, () => PythonPattern.LayerOf(pattern, target.Path));
            if (found is { } number)
                return layers.Contains(number);
        }

        return false;
    }

    private static bool EndsWith(string path, string name) =>
        path == name || path.EndsWith("." + name, StringComparison.Ordinal);

    private static string Known(CausalLM model) =>
        string.Join(", ", model.Projections.Select(p => p.Name).Distinct().Order(StringComparer.Ordinal));

    private static T Pattern<T>(IReadOnlyDictionary<string, T> patterns, string path, T absent)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (Matching("rank_pattern or alpha_pattern", pattern, () => PythonPattern.EndOf(pattern, path)))
                return value;
        }

        return absent;
    }

    private static T Matching<T>(string field, string pattern, Func<T> match)
    {
        try
        {
            return match();
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            throw new InputException($"{field}: '{pattern}' is not a usable regular expression.", error);
        }
    }
}
