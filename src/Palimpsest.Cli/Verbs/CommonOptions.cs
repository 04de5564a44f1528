using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<string> Model(
        string name = "--model",
        string description = "A Hugging Face model folder or a GGUF file."
    ) =>
        new(name)
        {
            Description = description,
            Required = true,
            HelpName = "model",
        };

    public static Option<string?> Optional(string name, string description, string help = "folder") =>
        new(name) { Description = description, HelpName = help };

    public static Option<string> Required(string name, string description, string help = "file") =>
        new(name)
        {
            Description = description,
            HelpName = help,
            Required = true,
        };

    /// <summary>Where the result goes; it is looked at before any work.</summary>
    public static OutputOption Out(string description, OutputKind kind = OutputKind.Folder) =>
        new("--out", description, kind) { Required = true };

    public static Option<string?> Run { get; } =
        Optional("--run", "The folder of this run; an existing one is resumed. Default: runs/<time>-<verb>.");

    /// <summary>Where models are loaded; <see cref="TorchDevice.Of"/> reads it.</summary>
    public static Option<string> Device { get; } =
        new("--device")
        {
            Description = "Where models are loaded: cpu or cuda.",
            HelpName = "cpu|cuda",
            DefaultValueFactory = _ => "cpu",
        };

    /// <summary>What the key-value cache holds; <see cref="KvPolicyExpression.Parse"/> reads it.</summary>
    public static Option<string?> Kv { get; } =
        Optional(
            "--kv",
            "What the key-value cache holds: streaming-llm, snapkv, h2o, tova, kivi, with settings in brackets and "
                + "joined "
                + "by +, for example \"snapkv(budget=0.2)+kivi(bits=4)\". Default: the whole of it.",
            "policy"
        );

    /// <summary>How the weights of loaded models are held; <see cref="HeldWeights.Of"/> reads it.</summary>
    public static Option<string> Weights { get; } =
        new("--weights")
        {
            Description =
                "How the weights of the blocks are held in memory: dense (float32), or as codes of 8 or 4 bits, "
                + "rounded.",
            HelpName = "dense|int8|int4|nf4",
            DefaultValueFactory = _ => "dense",
        };

    /// <summary>Adds options to a command.</summary>
    public static Command With(this Command command, params Option[] options)
    {
        foreach (var option in options)
            command.Add(option);
        return command;
    }
}
