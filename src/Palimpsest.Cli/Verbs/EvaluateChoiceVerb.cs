using System.CommandLine;
using Palimpsest.Evaluation;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate choice</c>: multiple choice by likelihood.</summary>
internal static class EvaluateChoiceVerb
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var data = CommonOptions.Required(
            "--data",
            "Facts with candidates, or rows with perturbed_answer (JSON or JSON lines)."
        );
        var command = new Command(
            "choice",
            "Multiple choice: the answer with the highest length-normalised likelihood wins."
        ).With(model, adapter, data);
        var binder = OptionBinder.AddTo(command, typeof(ChoiceOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var questions = ChoiceQuestionFile.Read(parsed.GetValue(data)!);
                var options = (ChoiceOptions)binder.Bind(parsed);
                using var language = StoredModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    cancellationToken: cancellationToken
                );
                var result = await session
                    .WithProgressAsync(
                        "Multiple choice",
                        progress => MultipleChoice.RunAsync(language, questions, options, progress, cancellationToken)
                    )
                    .ConfigureAwait(false);
                session.Result(
                    new
                    {
                        Model = language.Name,
                        options.Normalization,
                        result.Accuracy,
                        result.Chance,
                        result.Items,
                    },
                    console => console.Write(RateTable.Of(result.Accuracy, "Right", result.Chance))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
