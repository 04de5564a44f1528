namespace Palimpsest.Checkpoints;

/// <summary>Compares the sizes that a config.json claims with what the weight files hold, before anything is
/// allocated.</summary>
internal static class WeightBudget
{
    /// <summary>Refuses a model of which one part alone is larger than all weight files together.</summary>
    /// <param name="config">What config.json says.</param>
    /// <param name="configPath">Its path, for messages.</param>
    /// <param name="weights">The weight files.</param>
    /// <exception cref="InputException">A part does not fit.</exception>
    public static void Check(DecoderConfig config, string configPath, WeightFiles weights)
    {
        var tensors = weights.Names.Count;
        var numbers = weights.Names.Sum(name => weights.Spec(name).Count);
        if (config.Layers > tensors)
            throw new InputException(
                $"{configPath}: {config.Layers} layers do not fit the weight files, which hold {tensors} tensors."
            );
        foreach (var (part, count) in Parts(config))
        {
            if (count > numbers)
                throw new InputException(
                    $"{configPath}: {part} would be {count} numbers; the weight files hold {numbers}."
                );
        }
    }

    private static IEnumerable<(string Part, Int128 Count)> Parts(DecoderConfig config)
    {
        Int128 width = config.HiddenSize;
        yield return ($"an embedding of {config.VocabularySize} ids x {width}", config.VocabularySize * width);
        if (config.LearnedPositions)
            yield return ($"{config.MaxPositions} positions x {width}", config.MaxPositions * width);
        yield return (
            $"queries of {config.Layers} layers x {config.Heads} heads x {config.HeadSize} x {width}",
            (Int128)config.Layers * config.Heads * config.HeadSize * width
        );
        var dense = config.Experts is { } experts ? experts.DenseLayers.Count : config.Layers;
        yield return (
            $"{dense} MLPs of {config.IntermediateSize} x {width}",
            (Int128)dense * config.IntermediateSize * width
        );
        if (config.Experts is { } mixture)
        {
            var layers = config.Layers - dense;
            yield return (
                $"{layers} layers of {mixture.Count} experts of {mixture.IntermediateSize} x {width}",
                (Int128)layers * mixture.Count * mixture.IntermediateSize * width
            );
            yield return (
                $"{layers} shared experts of {mixture.SharedIntermediateSize} x {width}",
                (Int128)layers * mixture.SharedIntermediateSize * width
            );
        }
    }
}
