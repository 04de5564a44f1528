using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli;

/// <summary>The options of every command that loads a model: <c>--model</c>, <c>--adapter</c>, <c>--device</c>,
/// <c>--weights</c>.</summary>
internal sealed class ModelBinder
{
    private ModelBinder(Command command, string model, bool required)
    {
        Model = new("--model")
        {
            Description = $"{model} A folder, a GGUF file, or ORG/NAME on Hugging Face's hub.",
            Required = required,
            HelpName = "model",
        };
        command.Options.Add(Model);
        command.Options.Add(Adapter);
        command.Options.Add(Device);
        command.Options.Add(Weights);
    }

    /// <summary>Where models are loaded.</summary>
    public static Option<string> Device { get; } =
        new("--device")
        {
            Description = "Where models are loaded.",
            HelpName = "cpu|cuda",
            DefaultValueFactory = _ => "cpu",
        };

    /// <summary>How the weights of loaded models are held.</summary>
    public static Option<string> Weights { get; } =
        new("--weights")
        {
            Description =
                "How the weights of the blocks are held in memory: dense (float32), or as codes of 8 or 4 bits, "
                + "rounded, or as the codes that a GGUF file has (stored).",
            HelpName = "dense|int8|int4|nf4|stored",
            DefaultValueFactory = _ => "dense",
        };

    /// <summary>The model's place.</summary>
    public Option<string?> Model { get; }

    /// <summary>The adapter's place.</summary>
    public Option<string?> Adapter { get; } = new("--adapter") { Description = AdapterHelp, HelpName = "folder" };

    private const string AdapterHelp = "A PEFT adapter on top of --model: a folder, or ORG/NAME on Hugging Face's hub.";

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="model">What the model is to the command, a sentence.</param>
    /// <param name="required">False where the command can do without a model.</param>
    public static ModelBinder AddTo(Command command, string model, bool required = true) =>
        new(command, model, required);

    /// <summary>The model that was to forget.</summary>
    public static Option<string?> Original() => Other("--original", "The model before forgetting.", required: true);

    /// <summary>The model that never knew.</summary>
    /// <param name="without">What becomes of the command without it, a clause; null for nothing.</param>
    public static Option<string?> Retrained(string? without = null) =>
        Other(
            "--retrained",
            "A model trained without the forget rows" + (without is null ? "." : $"; without it {without}."),
            required: false
        );

    /// <summary>Another model of the command, held as the first is.</summary>
    public static Option<string?> Other(string name, string description, bool required) =>
        new(name)
        {
            Description = description,
            Required = required,
            HelpName = "model",
        };

    /// <summary>The model and how it is held.</summary>
    /// <exception cref="InputException">Device or weights have another name, or do not go together.</exception>
    public ModelOptions Bind(ParseResult parsed) =>
        BindOptional(parsed)
        ?? throw new InvalidOperationException($"'{parsed.CommandResult.Command.Name}' was parsed without --model.");

    /// <summary>The same; null where no model is named.</summary>
    /// <exception cref="InputException">Device or weights have another name or do not go together, or an adapter is
    /// named without a model.</exception>
    public ModelOptions? BindOptional(ParseResult parsed)
    {
        var device = DeviceOf(parsed);
        var weights = HeldWeights.Of(parsed.GetValue(Weights)!, device);
        if (parsed.GetValue(Model) is { } path)
            return new(path, parsed.GetValue(Adapter), device, weights);
        GivenOptions.Refuse(parsed, "no --model is named", Adapter, Weights);
        return null;
    }

    /// <summary>The options again, for a process that is to load the same model; nothing without one.</summary>
    public IReadOnlyList<string> Arguments(ParseResult parsed)
    {
        if (parsed.GetValue(Model) is not { } path)
            return [];
        string[] adapter = parsed.GetValue(Adapter) is { } place ? [Adapter.Name, place] : [];
        return
        [
            Model.Name,
            path,
            .. adapter,
            Device.Name,
            parsed.GetValue(Device)!,
            Weights.Name,
            parsed.GetValue(Weights)!,
        ];
    }

    /// <summary>Where the command's models go.</summary>
    /// <exception cref="InputException">The device has another name, or this program or machine has none.</exception>
    public static Device DeviceOf(ParseResult parsed) => TorchDevice.Of(parsed.GetValue(Device)!);
}
