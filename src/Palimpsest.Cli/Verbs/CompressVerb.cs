using System.CommandLine;
using System.Globalization;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest compress quantize</c>.</summary>
internal sealed class CompressVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly OptionBinder _options;
    private readonly OutputOption _target = CommonOptions.Out("Where the rounded model goes.");

    private CompressVerb()
        : base(
            "quantize",
            "Round the weights to codes of a few bits and say what the codes take. The folder that is written holds "
                + "the rounded values as float32, so that every verb can measure the loss.",
            "compress quantize --model runs/model --bits 4 --out runs/rounded"
        )
    {
        _model = ModelBinder.AddTo(this, "The model that is rounded.");
        this.With(_target, OutputCheck.Overwrite);
        _options = OptionBinder.AddTo(this, typeof(QuantizeOptions));
        this.OmitFromHelp(ModelBinder.Weights);
    }

    public static Command Create() =>
        new Command("compress", "Make a model smaller.") { new CompressVerb() }.WithExample(
            "compress quantize --model runs/model --format nf4 --out runs/rounded"
        );

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var (options, model) = ((QuantizeOptions)_options.Bind(parsed), _model.Bind(parsed));
        model.RequireDense("the weights are what is rounded");
        using var language = model.LoadMerged(cancellationToken);
        using var rounded = (LanguageModel)language.WithDecoder(language.Decoder.CloneFrozen(), options.Name);
        var size = await session
            .WithProgressAsync(
                "Quantising",
                progress =>
                    Task.Run(
                        () => QuantizeTransform.Round(rounded.Decoder, options, progress, cancellationToken),
                        cancellationToken
                    )
            )
            .ConfigureAwait(false);
        var target = Path.GetFullPath(parsed.GetValue(_target)!);
        OutputFolder.Write(target, place => rounded.Save(place));
        session.Result(
            new
            {
                Model = target,
                size.Scheme,
                size.QuantizedWeights,
                size.QuantizedBytes,
                size.OtherWeights,
                size.BitsPerWeight,
                size.TotalBytes,
                size.FloatBytes,
            },
            console =>
                console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{size.Scheme}: {size.QuantizedWeights} weights as {size.QuantizedBytes} bytes "
                            + $"({size.BitsPerWeight:f2} bits each); with the other {size.OtherWeights} in "
                            + $"float32 {size.TotalBytes} bytes instead of {size.FloatBytes}. The rounded "
                            + $"values are in {parsed.GetValue(_target)}, as float32."
                    )
                )
        );
        return ExitCode.Done;
    }
}
