using System.CommandLine;
using System.Globalization;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate perplexity</c>: how well a model predicts running text.</summary>
internal sealed class EvaluatePerplexityVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly OptionBinder _options;
    private readonly Option<string> _data = CommonOptions.Required("--data", "A text file in UTF-8.");

    public EvaluatePerplexityVerb()
        : base(
            "perplexity",
            "Perplexity of a text in blocks that do not overlap.",
            "evaluate perplexity --model runs/model --data text.txt --block-tokens 512"
        )
    {
        _model = ModelBinder.AddTo(this, "The model that predicts.");
        this.With(_data);
        _options = OptionBinder.AddTo(this, typeof(PerplexityOptions));
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var text = TextFile.Read(parsed.GetValue(_data)!);
        var (options, model) = ((PerplexityOptions)_options.Bind(parsed), _model.Bind(parsed));
        using var language = model.Load(cancellationToken);
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
}
