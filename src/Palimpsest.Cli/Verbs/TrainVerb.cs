using System.CommandLine;
using System.Globalization;
using Palimpsest.Inference;
using Palimpsest.Training;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest train</c>: a new model, or further training of one, on questions and answers or on
/// text.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly TrainTexts _texts;
    private readonly OptionBinder _size;
    private readonly OptionBinder _loss;
    private readonly TrainingBinder _training;

    private readonly Option<string?> _tokenizer = CommonOptions.Optional(
        "--tokenizer",
        "Take the tokenizer of this model; without it one is trained on the data.",
        "path"
    );
    private readonly OutputOption _target = CommonOptions.Out("Where the trained model goes.");
    private readonly WholeOption<int> _batch = new("--batch-size", "Rows per micro-batch.", absent: 16, least: 1);

    public TrainVerb()
        : base("train", "Train a model.", "train --data rows.jsonl --epochs 20 --learning-rate 1e-3 --out runs/model")
    {
        _texts = new(this);
        _model = ModelBinder.AddTo(this, "Train this model on; without it a new one is made.", required: false);
        this.With(_tokenizer, _target, OutputCheck.Overwrite, _batch, CommonOptions.Run);
        _size = OptionBinder.AddTo(this, typeof(NewModelOptions));
        _loss = OptionBinder.AddTo(this, typeof(NextTokenLossOptions));
        _training = TrainingBinder.AddTo(this);
        this.OmitFromHelp(ModelBinder.Weights);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var (settings, model, batch) = (_training.Bind(parsed), _model.BindOptional(parsed), _batch.Of(parsed));
        var objective = new NextTokenLoss((NextTokenLossOptions)_loss.Bind(parsed));
        RefuseUseless(parsed, model);
        var texts = _texts.Read(parsed);
        using var language = model is null
            ? New(parsed, texts.Words, settings.Seed)
            : model.LoadMerged(cancellationToken);
        var source = new SequenceBatchSource(
            texts.Encode(language),
            batch,
            language.PadId,
            settings.Seed,
            bucketed: true,
            ModelBinder.DeviceOf(parsed)
        );
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "train", session.Clock);
        run.WriteConfig(parsed);
        var trainer = new Trainer(settings with { RunFolder = run.FullPath });
        var result = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    "Training",
                    progress =>
                        trainer.RunAsync(
                            language.Decoder,
                            source,
                            objective,
                            new StepProgress(progress, "steps"),
                            cancellationToken
                        )
                )
            )
            .ConfigureAwait(false);
        var target = parsed.GetValue(_target)!;
        OutputFolder.Write(
            target,
            place => language.Save(place),
            new() { MadeBy = "train", Run = RunFolder.IdOf(run.FullPath) }
        );
        Tell(session, result, target, run);
        return ExitCode.Done;
    }

    private static void Tell(Session session, TrainResult result, string target, RunFolder run) =>
        session.Result(
            new
            {
                Model = Path.GetFullPath(target),
                Run = run.FullPath,
                result.Steps,
                result.FinalLoss,
                result.Tokens,
                result.Seconds,
                result.StoppedEarly,
            },
            console =>
                console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{result.Steps} steps, {result.Tokens} tokens, loss {result.FinalLoss:f4}, "
                            + $"{result.Seconds:f0} s; the model is in {target}."
                    )
                )
        );

    private void RefuseUseless(ParseResult parsed, ModelOptions? model)
    {
        if (model is not null)
        {
            GivenOptions.Refuse(parsed, "--model brings its tokenizer", _tokenizer);
            _size.RefuseGiven(parsed, "--model brings its own sizes");
            model.RequireDense("all weights are trained");
        }

        if (parsed.IsGiven(_tokenizer))
            _size.RefuseGiven(parsed, "--tokenizer brings its vocabulary", nameof(NewModelOptions.VocabularySize));
    }

    private LanguageModel New(ParseResult parsed, IEnumerable<string> words, ulong seed)
    {
        var size = (NewModelOptions)_size.Bind(parsed);
        if (size.HiddenSize % (2 * size.Heads) != 0)
            throw new InputException(
                $"--hidden-size: {size.HiddenSize} is no multiple of twice the {size.Heads} --heads."
            );
        var tokenizer = parsed.GetValue(_tokenizer) is { } folder
            ? ModelFiles.LoadTokenizer(folder)
            : BpeTrainer.Train(words, new() { VocabularySize = size.VocabularySize });
        MemoryCheck.RequireTraining(size.LeastWeights(tokenizer.VocabularySize));
        var config = DecoderConfig.TinyLlama(
            tokenizer.VocabularySize,
            size.HiddenSize,
            size.Layers,
            size.Heads,
            size.Heads,
            size.HiddenSize * 8 / 3 / 8 * 8,
            size.MaxPositions
        );
        return new(new(config, seed, ModelBinder.DeviceOf(parsed)), tokenizer, "new");
    }
}
