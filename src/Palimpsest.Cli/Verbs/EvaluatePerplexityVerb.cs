using System.CommandLine;
using System.Globalization;
using Palimpsest.Evaluation;
using Palimpsest.Unlearning;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate perplexity</c>: how well a model predicts running text.</summary>
internal static class EvaluatePerplexityVerb
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var data = CommonOptions.Required("--data", "A text file in UTF-8.");
        var command = new Command("perplexity", "Perplexity of a text in blocks that do not overlap.").With(
            model,
            adapter,
            data,
            CommonOptions.Weights
        );
        var binder = OptionBinder.AddTo(command, typeof(PerplexityOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var text = TextFile.Read(parsed.GetValue(data)!);
                var options = (PerplexityOptions)binder.Bind(parsed);
                var weights = HeldWeights.Of(parsed.GetValue(CommonOptions.Weights)!, CPU);
                using var language = StoredModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    weights: weights,
                    cancellationToken: cancellationToken
                );
                var result = await session
                    .WithProgressAsync(
                        "Perplexity",
                        progress => PerplexityMetric.RunAsync(language, text, options, progress, cancellationToken)
                    )
                    .ConfigureAwait(false);
                session.Result(
                    result,
                    console =>
                        console.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"Perplexity {result.Perplexity:f4} over {result.Tokens} tokens in {result.Blocks} "
                                    + $"blocks of {options.BlockTokens}"
                            )
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
