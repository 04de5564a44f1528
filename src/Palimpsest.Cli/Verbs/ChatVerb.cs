using System.CommandLine;
using Palimpsest.Cli.Chat;
using Palimpsest.Inference;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest chat</c>: a conversation on the terminal.</summary>
internal static class ChatVerb
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var system = CommonOptions.Optional("--system", "Instructions for the model.", "text");
        var command = new Command("chat", "Talk to a model; from a pipe, answer each line.").With(
            model,
            adapter,
            system,
            CommonOptions.Device,
            CommonOptions.Weights,
            CommonOptions.Kv
        );
        var binder = OptionBinder.AddTo(command, typeof(GenerationOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                if (parsed.GetValue(Session.JsonOption))
                    throw new InputException(
                        "--json: a conversation is no single result; 'palimpsest generate --json' answers one prompt."
                    );
                var (options, device) = (
                    (GenerationOptions)binder.Bind(parsed) with
                    {
                        KvPolicy = parsed.GetValue(CommonOptions.Kv) is { } kv ? KvPolicyExpression.Parse(kv) : null,
                    },
                    TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!)
                );
                var weights = HeldWeights.Of(parsed.GetValue(CommonOptions.Weights)!, device);
                using var language = StoredModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    device,
                    weights,
                    cancellationToken: cancellationToken
                );
                using var loop = new ChatLoop(language, options, parsed.GetValue(system));
                await loop.RunAsync().ConfigureAwait(false);
                return ExitCode.Done;
            }
        );
        return command;
    }
}
