using System.CommandLine;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate recall</c>: free answers, judged by alias.</summary>
internal sealed class EvaluateRecallVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly OptionBinder _options;
    private readonly Option<string> _data = CommonOptions.Required("--data", "Facts as JSON lines.");

    public EvaluateRecallVerb()
        : base(
            "recall",
            "Ask each fact's question and look for the answer or an alias in the reply.",
            "evaluate recall --model runs/model --data facts.jsonl"
        )
    {
        _model = ModelBinder.AddTo(this, "The model that is asked.");
        this.With(_data);
        _options = OptionBinder.AddTo(this, typeof(RecallOptions));
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var facts = FactFile.Read(parsed.GetValue(_data)!);
        var (recall, model) = (new FactRecall((RecallOptions)_options.Bind(parsed)), _model.Bind(parsed));
        using var language = model.Load(cancellationToken);
        var result = await session
            .WithProgressAsync("Recall", progress => recall.RunAsync(language, facts, progress, cancellationToken))
            .ConfigureAwait(false);
        session.Result(
            new
            {
                Model = language.Name,
                Path = Path.GetFullPath(model.Path),
                result.Judge,
                result.Accuracy,
                result.Refusals,
                result.Items,
            },
            console => console.WriteTable(RateTable.Of(result.Accuracy, "Right"))
        );
        return ExitCode.Done;
    }
}
