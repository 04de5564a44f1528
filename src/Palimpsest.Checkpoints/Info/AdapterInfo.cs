namespace Palimpsest.Checkpoints;

/// <summary>What can be said about a PEFT adapter folder without its base model.</summary>
public sealed record AdapterInfo
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>LoRA, rsLoRA, DoRA or rsDoRA.</summary>
    public required string Kind { get; init; }

    /// <summary>The model it was made for, as the adapter spells it, or null.</summary>
    public string? BaseModel { get; init; }

    /// <summary>Rank of modules without one of their own.</summary>
    public required int Rank { get; init; }

    /// <summary>α of modules without one of their own.</summary>
    public required double Alpha { get; init; }

    /// <summary>Adapted modules: names, or one pattern.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Modules that are stored whole.</summary>
    public required IReadOnlyList<string> ModulesToSave { get; init; }

    /// <summary>Ranks of single modules by pattern.</summary>
    public required IReadOnlyDictionary<string, int> RankPattern { get; init; }

    /// <summary>Alphas of single modules by pattern.</summary>
    public required IReadOnlyDictionary<string, double> AlphaPattern { get; init; }

    /// <summary>Numbers that are stored.</summary>
    public required long Parameters { get; init; }

    /// <summary>Types of the stored tensors.</summary>
    public required IReadOnlyList<StoredTypeInfo> Types { get; init; }

    /// <summary>True when a folder is an adapter's.</summary>
    public static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, LoraConfigFile.Name));

    /// <summary>Reads a folder; no weight is loaded.</summary>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static AdapterInfo Read(string folder)
    {
        var config = LoraConfigFile.Read(folder);
        var options = config.Plain();
        using var weights = SafetensorsFile.Open(Path.Combine(folder, LoraFolder.WeightsName));
        TensorSpec[] tensors =
        [
            .. weights.Names.Select(name => new TensorSpec(name, weights.Type(name), weights.Shape(name))),
        ];
        return new()
        {
            Folder = Path.GetFullPath(folder),
            Kind = (options.RankStabilized ? "rs" : "") + (options.WeightDecomposed ? "DoRA" : "LoRA"),
            BaseModel = config.BaseModel,
            Rank = options.Rank,
            Alpha = options.Alpha,
            Targets = options.TargetModules,
            ModulesToSave = options.ModulesToSave,
            RankPattern = options.RankPattern,
            AlphaPattern = options.AlphaPattern,
            Parameters = tensors.Sum(t => t.Count),
            Types = StoredTypeInfo.Of(tensors),
        };
    }
}
