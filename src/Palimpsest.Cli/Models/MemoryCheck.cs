using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>Compares what a job will take at least with what is free, before anything is loaded.</summary>
/// <remarks>Counted are weights, gradients and the optimiser's moments; activations come on top.</remarks>
internal static class MemoryCheck
{
    private const int Float = sizeof(float);

    /// <summary>Bytes of a weight that is trained by AdamW: itself, its gradient and two moments.</summary>
    private const int Trained = 4 * Float;

    /// <summary>Refuses a job whose models do not fit.</summary>
    /// <exception cref="InputException">They do not, or a model cannot be read.</exception>
    public static void RequireLoading(ParseResult parsed)
    {
        if (parsed.GetValue(ModelBinder.Device) is "cuda")
            return;
        var models = CommandPlaces
            .Inputs(parsed)
            .Where(place => place.IsModel && place.Symbol is Option)
            .ToDictionary(place => place.Name, place => ResultFolder.Models(place.Path).Sum(ModelFiles.CountWeights));
        if (models.Count == 0 || (parsed.GetValue(ModelBinder.Weights) ?? "dense") != "dense")
            return;
        var command = string.Join(' ', UnknownName.Path(parsed).Skip(1));
        Require(command, Need(command.Split(' ')[0], models, parsed));
    }

    /// <summary>Refuses to make and train a model that does not fit.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public static void RequireTraining(Int128 weights) => Require("train", weights * Trained);

    private static Int128 Need(string verb, IReadOnlyDictionary<string, long> models, ParseResult parsed)
    {
        Int128 loaded = (Int128)models.Values.Sum() * Float;
        Int128 model = models.GetValueOrDefault("--model");
        switch (verb)
        {
            case "attack":
                return (Int128)models.Values.Max() * Float;
            case "train":
                return model * Trained;
            case "forget":
                return loaded + model * (Verbs.ForgetVerb.Rank.Of(parsed) > 0 ? Float : Trained);
            case "audit":
                return loaded + model * Trained;
            case "model":
                return 0;
            case "compress":
                return 2 * loaded;
            default:
                return loaded;
        }
    }

    private static void Require(string job, Int128 bytes)
    {
        var free = FreeMemory.Read();
        if (bytes > free)
            throw new InputException(
                $"{job} needs at least {ByteSize.Format((long)Int128.Min(bytes, long.MaxValue))} of memory; "
                    + $"{ByteSize.Format(free)} are free. A smaller model needs less, and so do "
                    + $"--weights int8 and --lora-rank instead of all weights."
            );
    }
}
