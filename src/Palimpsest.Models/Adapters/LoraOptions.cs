namespace Palimpsest.Models;

/// <summary>Settings of a low-rank adapter.</summary>
public sealed record LoraOptions
{
    /// <summary>The one name that stands for every projection of the blocks.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>Rank r, at least 1.</summary>
    public int Rank
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 8;

    /// <summary>Scale α; the update is α/r · B A (α/√r with <see cref="RankStabilized"/>).</summary>
    public double Alpha
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1e6);
    } = 16;

    /// <summary>Scales by α/√r.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Decomposes the weight into magnitude and direction (DoRA).</summary>
    public bool WeightDecomposed { get; init; }

    /// <summary>Names of the projections that are adapted, as PEFT spells them, for example <c>q_proj</c>.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } =
    ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Names of projections that are left as they are although <see cref="TargetModules"/> names
    /// them.</summary>
    public IReadOnlyList<string> ExcludedModules { get; init; } = [];

    /// <summary>Layers that are adapted, counted from 0; null for all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Names of the lists of blocks, for example <c>layers</c>, in which <see cref="Layers"/> counts; empty
    /// for any.</summary>
    public IReadOnlyList<string> LayersPattern { get; init; } = [];

    /// <summary>Modules trained and stored whole, for example <c>lm_head</c>.</summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    /// <summary>Ranks of single modules by name pattern.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Alphas of single modules by name pattern.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();
}
