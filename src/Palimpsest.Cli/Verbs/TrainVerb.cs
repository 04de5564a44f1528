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
        var from = CommonOptions.Optional("--model", "Train this model on; without it a new one is made.");
        var tokenizer = CommonOptions.Optional(
            "--tokenizer",
            "Take the tokenizer of this model; without it one is trained on the data."
        );
        var target = CommonOptions.Required("--out", "Where the trained model goes.", "folder");
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
                language.Save(parsed.GetValue(target)!);
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
