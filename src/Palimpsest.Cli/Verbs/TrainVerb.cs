using System.CommandLine;
using System.Globalization;
using System.Text;
using Palimpsest.Inference;
using Palimpsest.Training;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest train</c>: a new model, or further training of one, on questions and answers or on
/// text.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var data = new Option<string[]>("--data")
        {
            Description = "Files of question-answer rows (JSON or JSON lines); can be repeated.",
            HelpName = "file",
        };
        var text = new Option<string[]>("--text")
        {
            Description = "Plain text files; can be repeated.",
            HelpName = "file",
        };
        var from = CommonOptions.Optional("--model", "Train this model on; without it a new one is made.", "model");
        var tokenizer = CommonOptions.Optional(
            "--tokenizer",
            "Take the tokenizer of this model; without it one is trained on the data.",
            "path"
        );
        var target = CommonOptions.Out("Where the trained model goes.");
        var batch = new Option<int>("--batch-size")
        {
            Description = "Rows per micro-batch.",
            DefaultValueFactory = _ => 16,
        };
        var block = new Option<int>("--block")
        {
            Description = "Tokens per block of plain text.",
            DefaultValueFactory = _ => 256,
        };
        var command = new Command("train", "Train a model.").With(
            data,
            text,
            from,
            tokenizer,
            target,
            OutputCheck.Overwrite,
            batch,
            block,
            CommonOptions.Device,
            CommonOptions.Run
        );
        var size = OptionBinder.AddTo(command, typeof(NewModelOptions));
        var loss = OptionBinder.AddTo(command, typeof(NextTokenLossOptions));
        var training = TrainingBinder.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var (session, settings, made) = (
                    new Session(parsed),
                    training.Bind(parsed),
                    (NewModelOptions)size.Bind(parsed)
                );
                var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
                RefuseUseless(parsed, size, from, tokenizer);
                if (!parsed.IsGiven(text))
                    GivenOptions.Refuse(parsed, "it cuts the texts of --text into blocks", block);
                var length = Require.AtLeast(parsed.GetValue(block), 2, "--block");
                var files = (parsed.GetValue(data) ?? [])
                    .Select(path => (Path: path, Rows: QuestionAnswerFile.Read(path)))
                    .ToArray();
                var texts = (parsed.GetValue(text) ?? []).Select(TextFile.Read).ToArray();
                if (files.Length == 0 && texts.Length == 0)
                    throw new InputException("There is nothing to train on; give --data or --text.");
                var words = files
                    .SelectMany(file => file.Rows)
                    .SelectMany(row => new[] { row.Question, row.Answer })
                    .Concat(texts);
                using var language = parsed.GetValue(from) is { } folder
                    ? LanguageModel.Load(folder, device: device, cancellationToken: cancellationToken)
                    : New(parsed.GetValue(tokenizer), words, made, settings.Seed, device);
                TokenSequence[] sequences =
                [
                    .. files
                        .SelectMany(file => EncodedRows.Of(language, file.Path, file.Rows))
                        .Select((row, i) => row with { Row = i }),
                    .. TokenPacking.Pack(
                        texts.Select(t => language.Tokenizer.Encode(t)),
                        language.Tokenizer.EosId ?? 0,
                        Math.Min(length, language.Decoder.Config.LongestSequence)
                    ),
                ];
                var source = new SequenceBatchSource(
                    sequences,
                    Require.AtLeast(parsed.GetValue(batch), 1, "--batch-size"),
                    language.PadId,
                    settings.Seed,
                    bucketed: true,
                    device
                );
                var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "train", session.Clock);
                run.WriteConfig(parsed);
                var options = settings with { RunFolder = run.FullPath };
                var objective = new NextTokenLoss((NextTokenLossOptions)loss.Bind(parsed));
                var result = await run.ResumableAsync(() =>
                        session.WithProgressAsync(
                            "Training",
                            progress =>
                                new Trainer(options).RunAsync(
                                    language.Decoder,
                                    source,
                                    objective,
                                    new StepProgress(progress, "steps"),
                                    cancellationToken
                                )
                        )
                    )
                    .ConfigureAwait(false);
                OutputFolder.Write(
                    parsed.GetValue(target)!,
                    place => language.Save(place),
                    new() { MadeBy = "train", Run = RunFolder.IdOf(run.FullPath) }
                );
                session.Result(
                    result,
                    console =>
                        console.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{result.Steps} steps, {result.Tokens} tokens, loss {result.FinalLoss:f4}, "
                                    + $"{result.Seconds:f0} s; the model is in {parsed.GetValue(target)}."
                            )
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static void RefuseUseless(ParseResult parsed, OptionBinder size, Option from, Option tokenizer)
    {
        if (parsed.IsGiven(from))
        {
            GivenOptions.Refuse(parsed, "--model brings its tokenizer", tokenizer);
            size.RefuseGiven(parsed, "--model brings its own sizes");
        }

        if (parsed.IsGiven(tokenizer))
            size.RefuseGiven(parsed, "--tokenizer brings its vocabulary", nameof(NewModelOptions.VocabularySize));
    }

    private static LanguageModel New(
        string? tokenizerFolder,
        IEnumerable<string> words,
        NewModelOptions size,
        ulong seed,
        Device device
    )
    {
        if (size.HiddenSize % (2 * size.Heads) != 0)
            throw new InputException(
                $"--hidden-size: {size.HiddenSize} is no multiple of twice the {size.Heads} --heads."
            );
        var tokenizer = tokenizerFolder is not null
            ? ModelFiles.LoadTokenizer(tokenizerFolder)
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
        return new(new(config, seed, device), tokenizer, "new");
    }
}
