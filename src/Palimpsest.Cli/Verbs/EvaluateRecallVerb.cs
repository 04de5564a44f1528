using System.CommandLine;
using Palimpsest.Evaluation;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate recall</c>: free answers, judged by alias.</summary>
internal static class EvaluateRecallVerb
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var data = CommonOptions.Required("--data", "Facts as JSON lines.");
        var command = new Command(
            "recall",
            "Ask each fact's question and look for the answer or an alias in the reply."
        ).With(model, adapter, data);
        var binder = OptionBinder.AddTo(command, typeof(RecallOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var facts = FactFile.Read(parsed.GetValue(data)!);
                var recall = new FactRecall((RecallOptions)binder.Bind(parsed));
                using var language = StoredModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    cancellationToken: cancellationToken
                );
                var result = await session
                    .WithProgressAsync(
                        "Recall",
                        progress => recall.RunAsync(language, facts, progress, cancellationToken)
                    )
                    .ConfigureAwait(false);
                session.Result(
                    new
                    {
                        Model = language.Name,
                        result.Judge,
                        result.Accuracy,
                        result.Refusals,
                        result.Items,
                    },
                    console => console.Write(RateTable.Of(result.Accuracy, "Right"))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
