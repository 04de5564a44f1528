namespace Palimpsest.Checkpoints;

/// <summary>What can be said about a model folder or a GGUF file from its JSON files and the headers of its
/// weights.</summary>
public sealed record ModelInfo
{
    /// <summary>The folder, or the GGUF file.</summary>
    public required string Folder { get; init; }

    /// <summary>Hugging Face's model_type.</summary>
    public required string Family { get; init; }

    /// <summary>Hugging Face's class.</summary>
    public required string Architecture { get; init; }

    /// <summary>Numbers that are stored; a tied head counts once.</summary>
    public required long Parameters { get; init; }

    /// <summary>Numbers that one token makes use of: all of them, less the experts that it does not visit.</summary>
    public required long ActiveParameters { get; init; }

    /// <summary>Numbers by part.</summary>
    public required IReadOnlyList<ComponentInfo> Components { get; init; }

    /// <summary>The experts, or null for a dense model.</summary>
    public ExpertInfo? Experts { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Most positions.</summary>
    public required int Positions { get; init; }

    /// <summary>Tokens that a windowed layer sees, or null.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Rows of the embedding.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Whether the head is the embedding.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Types of the stored tensors.</summary>
    public required IReadOnlyList<StoredTypeInfo> Types { get; init; }

    /// <summary>Bytes by how numbers are held.</summary>
    public required MemoryInfo Memory { get; init; }

    /// <summary>The tokenizer, or null without one.</summary>
    public TokenizerInfo? Tokenizer { get; init; }

    /// <summary>The weight files.</summary>
    public required IReadOnlyList<ShardInfo> Shards { get; init; }

    /// <summary>Reads a folder or a GGUF file; no weight is loaded.</summary>
    /// <exception cref="InputException">A file is missing or malformed, or the weights are not those that the
    /// configuration asks for.</exception>
    public static ModelInfo Read(string path)
    {
        if (ModelFiles.IsGguf(path))
            return ReadGguf(path);
        using var model = ModelReader.Open(path);
        using var weights = WeightFiles.Open(path);
        ShardInfo[] shards =
        [
            .. weights.Paths.Select(file => new ShardInfo(
                Path.GetFileName(file),
                new FileInfo(file).Length,
                weights.Names.Count(name => weights.PathOf(name) == file)
            )),
        ];
        return Of(
            path,
            model.Config,
            model.References,
            StoredTypeInfo.Of(weights.Names.Select(weights.Spec)),
            TokenizerInfo.Read(path),
            shards
        );
    }

    private static ModelInfo ReadGguf(string path)
    {
        using var file = GgufFile.Open(path);
        var config = GgufModel.ReadConfig(file);
        using var outline = CausalLM.Outline(config);
        return Of(
            path,
            config,
            outline.ParameterRefs,
            StoredTypeInfo.Of(file.Tensors),
            TokenizerInfo.Of(GgufTokenizer.Read(file)),
            [
                .. file.Paths.Select(part => new ShardInfo(
                    Path.GetFileName(part),
                    new FileInfo(part).Length,
                    file.TensorCount(part)
                )),
            ]
        );
    }

    private static ModelInfo Of(
        string path,
        DecoderConfig config,
        IReadOnlyList<ParameterRef> references,
        IReadOnlyList<StoredTypeInfo> types,
        TokenizerInfo? tokenizer,
        IReadOnlyList<ShardInfo> shards
    )
    {
        var parts = references.Select(r => (Part: PartOf(r), Count: r.Count)).ToArray();
        var total = parts.Sum(p => p.Count);
        var experts = ExpertsOf(config, parts.Where(p => p.Part == "experts").Sum(p => p.Count));
        return new()
        {
            Folder = Path.GetFullPath(path),
            Family = config.Family,
            Architecture = ModelFamilies.Of(config.Family).Architecture,
            Parameters = total,
            ActiveParameters = total - (experts is null ? 0 : experts.Parameters - experts.ActiveParameters),
            Components =
            [
                .. parts
                    .GroupBy(p => p.Part)
                    .Select(g => new ComponentInfo(g.Key, g.Sum(p => p.Count), (double)g.Sum(p => p.Count) / total)),
            ],
            Experts = experts,
            Layers = config.Layers,
            HiddenSize = config.HiddenSize,
            IntermediateSize = config.IntermediateSize,
            Heads = config.Heads,
            KeyValueHeads = config.KeyValueHeads,
            HeadSize = config.HeadSize,
            Positions = config.MaxPositions,
            SlidingWindow = config.SlidingWindow,
            Vocabulary = config.VocabularySize,
            TiedHead = config.TiedHead,
            Types = types,
            Memory = MemoryInfo.Of(total),
            Tokenizer = tokenizer,
            Shards = shards,
        };
    }

    private static string PartOf(ParameterRef reference) =>
        reference.Expert is not null ? "experts" : reference.ComponentName;

    private static ExpertInfo? ExpertsOf(DecoderConfig config, long parameters) =>
        config.Experts is { } experts
            ? new(experts.Count, experts.PerToken, parameters, parameters / experts.Count * experts.PerToken)
            : null;
}
