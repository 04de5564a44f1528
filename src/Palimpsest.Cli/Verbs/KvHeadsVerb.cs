using System.CommandLine;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest kv heads</c>: the heads of a model that look far back.</summary>
internal sealed class KvHeadsVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly OptionBinder _options;
    private readonly OutputOption _target = CommonOptions.Out("The file that gets the heads.", OutputKind.File);

    public KvHeadsVerb()
        : base(
            "heads",
            "Find the heads of a model that look far back, for --kv \"razor-attention(heads=FILE)\": random tokens are "
                + "read several times.",
            "kv heads --model runs/model --out heads.json"
        )
    {
        _model = ModelBinder.AddTo(this, "The model whose heads are searched.");
        this.With(_target, OutputCheck.Overwrite);
        _options = OptionBinder.AddTo(this, typeof(RetrievalHeadSearchOptions));
    }

    protected override Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (model, path) = (_model.Bind(parsed), parsed.GetValue(_target)!);
        using var language = model.LoadOne("heads are those of one", cancellationToken);
        var heads = new RetrievalHeadSearch((RetrievalHeadSearchOptions)_options.Bind(parsed)).Run(language.Decoder);
        heads.Save(path);
        var config = language.Decoder.Config;
        var all = config.Layers * config.KeyValueHeads;
        session.Result(
            new
            {
                Path = path,
                Heads = heads.ToString(),
                heads.Count,
                Of = all,
            },
            console =>
                console.WriteLine($"{heads.Count} of {all} key-value heads look far back: {heads}. Written to {path}.")
        );
        return Task.FromResult(ExitCode.Done);
    }
}
