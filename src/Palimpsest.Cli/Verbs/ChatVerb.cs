using System.CommandLine;
using Palimpsest.Cli.Chat;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest chat</c>: a conversation on the terminal.</summary>
internal static class ChatVerb
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var system = CommonOptions.Optional("--system", "Instructions for the model.", "text");
        var command = new TalkCommand().With(model, adapter, system);
        var binder = OptionBinder.AddTo(command, typeof(GenerationOptions));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var language = LanguageModel.Load(parsed.GetValue(model)!, parsed.GetValue(adapter), cancellationToken: cancellationToken);
            using var loop = new ChatLoop(language, (GenerationOptions)binder.Bind(parsed), parsed.GetValue(system));
            await loop.RunAsync().ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A command that handles Ctrl-C itself: it stops an answer, not the program.</summary>
    internal sealed class TalkCommand() : Command("chat", "Talk to a model; from a pipe, answer each line.");
}
