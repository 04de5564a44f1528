using System.CommandLine;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model get ORG/NAME</c>: brings a model from a hub.</summary>
internal static class ModelGetVerb
{
    private static readonly Argument<string> Model = new("model")
    {
        Description = "ORG/NAME, ORG/NAME@REVISION, or ORG/NAME:FILE.gguf where there are several GGUF files.",
    };

    public static Command Create()
    {
        var command = new Command(
            "get",
            "Bring a model from Hugging Face's hub, or the one that HF_ENDPOINT names, into the cache that its own "
                + "tools "
                + "share (HF_HOME). Only safetensors and GGUF files and the texts beside them are brought, and their "
                + "hashes are checked; a stopped download goes on. HF_TOKEN opens private and gated models."
        )
        {
            Model,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var reference = HubReference.Parse(parsed.GetValue(Model)!);
                var models = new HubModels(HubOptions.FromEnvironment());
                var path = await session
                    .WithProgressAsync(
                        $"Bringing {reference}",
                        progress => models.GetAsync(reference, progress, cancellationToken)
                    )
                    .ConfigureAwait(false);
                session.Result(
                    new
                    {
                        reference.Repository,
                        reference.Revision,
                        path,
                    },
                    console => console.WriteLine(path)
                );
                return ExitCode.Done;
            }
        );
        return command.WithExample("model get HuggingFaceTB/SmolLM2-135M-Instruct");
    }
}
