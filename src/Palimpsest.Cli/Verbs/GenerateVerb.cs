using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest generate</c>: one answer.</summary>
internal static class GenerateVerb
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var prompt = CommonOptions.Required("--prompt", "The question, or with --raw the text to go on from.", "text");
        var raw = new Option<bool>("--raw") { Description = "Continue the text as it is, without the chat template." };
        var stop = new Option<string[]>("--stop")
        {
            Description = "A text that ends the answer; can be repeated.",
            HelpName = "text",
        };
        var schema = CommonOptions.Optional("--json-schema", "A file with a JSON schema that the answer has to be of.");
        var command = new Command("generate", "Answer one prompt.").With(
            model,
            adapter,
            prompt,
            raw,
            stop,
            schema,
            CommonOptions.Device,
            CommonOptions.Weights,
            CommonOptions.Kv
        );
        var binder = OptionBinder.AddTo(command, typeof(GenerationOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var options = (GenerationOptions)binder.Bind(parsed) with
                {
                    StopStrings = parsed.GetValue(stop) ?? [],
                    KvPolicy = parsed.GetValue(CommonOptions.Kv) is { } kv ? KvPolicyExpression.Parse(kv) : null,
                };
                using var form = parsed.GetValue(schema) is { } file ? JsonFile.Read(file) : null;
                var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
                var weights = HeldWeights.Of(parsed.GetValue(CommonOptions.Weights)!, device);
                using var language = LanguageModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    device,
                    weights,
                    cancellationToken: cancellationToken
                );
                if (form is not null)
                {
                    var constraint = OutputConstraint.Json(
                        language.Tokenizer,
                        form.RootElement,
                        parsed.GetValue(schema)!
                    );
                    options = options with { LogitProcessors = [constraint] };
                }

                var text = parsed.GetValue(prompt)!;
                var ids = parsed.GetValue(raw)
                    ? language.Tokenizer.Encode(text)
                    : language.EncodeConversation([Turn.User(text)], addGenerationPrompt: true);
                var answer = new System.Text.StringBuilder();
                await foreach (var piece in language.StreamAsync(ids, options, cancellationToken).ConfigureAwait(false))
                {
                    answer.Append(piece);
                    if (!session.Json)
                        Console.Out.Write(piece);
                }

                if (!session.Json)
                    Console.Out.WriteLine();
                else
                    session.Result(
                        new
                        {
                            Prompt = text,
                            Text = answer.ToString(),
                            PromptTokens = ids.Length,
                        },
                        _ => { }
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
