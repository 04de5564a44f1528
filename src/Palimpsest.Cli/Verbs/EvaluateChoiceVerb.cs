using System.CommandLine;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate choice</c>: multiple choice by likelihood.</summary>
internal sealed class EvaluateChoiceVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly OptionBinder _options;

    private readonly Option<string> _data = CommonOptions.Required(
        "--data",
        "Facts with candidates, or rows with perturbed_answer (JSON or JSON lines)."
    );

    public EvaluateChoiceVerb()
        : base(
            "choice",
            "Multiple choice: the answer with the highest length-normalised likelihood wins.",
            "evaluate choice --model runs/model --data facts.jsonl"
        )
    {
        _model = ModelBinder.AddTo(this, "The model that chooses.");
        this.With(_data);
        _options = OptionBinder.AddTo(this, typeof(ChoiceOptions));
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var questions = ChoiceQuestionFile.Read(parsed.GetValue(_data)!);
        var (options, model) = ((ChoiceOptions)_options.Bind(parsed), _model.Bind(parsed));
        using var language = model.Load(cancellationToken);
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
                Path = Path.GetFullPath(model.Path),
                options.Normalization,
                result.Accuracy,
                result.Chance,
                result.Items,
            },
            console => console.WriteTable(RateTable.Of(result.Accuracy, "Right", result.Chance))
        );
        return ExitCode.Done;
    }
}
