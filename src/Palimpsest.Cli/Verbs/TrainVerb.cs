using System.CommandLine;
using Spectre.Console;
using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest train</c>: a new model, or further training of one, on questions and answers or on text.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var data = new Option<string[]>("--data") { Description = "Files of question-answer rows (JSON or JSON lines); can be repeated.", HelpName = "file" };
        var text = new Option<string[]>("--text") { Description = "Plain text files; can be repeated.", HelpName = "file" };
        var from = CommonOptions.Optional("--model", "Train this model on; without it a new one is made.");
        var tokenizer = CommonOptions.Optional("--tokenizer", "Take the tokenizer of this model; without it one is trained on the data.");
        var target = CommonOptions.Required("--out", "Where the trained model goes.", "folder");
        var batch = new Option<int>("--batch-size") { Description = "Rows per micro-batch. Default: 16.", DefaultValueFactory = _ => 16 };
        var block = new Option<int>("--block") { Description = "Tokens per block of plain text. Default: 256.", DefaultValueFactory = _ => 256 };
        var command = new Command("train", "Train a model.").With(data, text, from, tokenizer, target, batch, block, CommonOptions.Run);
        var size = OptionBinder.AddTo(command, typeof(NewModelOptions));
        var training = TrainingBinder.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new Session(parsed);
            var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "train", session.Clock);
            run.WriteConfig(CommonOptions.Given(parsed));
            var rows = (parsed.GetValue(data) ?? []).SelectMany(QuestionAnswerFile.Read).ToArray();
            var texts = (parsed.GetValue(text) ?? []).Select(TextFile.Read).ToArray();
            if (rows.Length == 0 && texts.Length == 0)
                throw new InputException("There is nothing to train on; give --data or --text.");
            using var language = Start(parsed.GetValue(from), parsed.GetValue(tokenizer), rows, texts, (NewModelOptions)size.Bind(parsed), training.Seed(parsed));
            TokenSequence[] sequences =
            [
                .. rows.Select((row, i) => language.EncodeAnswer(row.Question, row.Answer, i)),
                .. TokenPacking.Pack(
                    texts.Select(t => language.Tokenizer.Encode(t)), language.Tokenizer.EosId ?? 0, Math.Min(parsed.GetValue(block), language.Decoder.Config.LongestSequence)),
            ];
            var options = training.Bind(parsed) with { RunFolder = run.FullPath };
            var source = new SequenceBatchSource(sequences, parsed.GetValue(batch), language.PadId, options.Seed, bucketed: true);
            var result = await session.WithProgressAsync("Training", progress => new Trainer(options).RunAsync(
                language.Decoder, source, new NextTokenLoss(), new TrainSteps(progress, "steps"), cancellationToken)).ConfigureAwait(false);
            language.Save(parsed.GetValue(target)!);
            session.Result(result, console => console.WriteLine(FormattableString.Invariant(
                $"{result.Steps} steps, {result.Tokens} tokens, loss {result.FinalLoss:f4}, {result.Seconds:f0} s; the model is in {parsed.GetValue(target)}.")));
            return ExitCode.Done;
        });
        return command;
    }

    private static LanguageModel Start(string? folder, string? tokenizerFolder, QuestionAnswer[] rows, string[] texts, NewModelOptions size, ulong seed)
    {
        if (folder is not null)
            return LanguageModel.Load(folder);
        var tokenizer = tokenizerFolder is not null
            ? ModelFiles.LoadTokenizer(tokenizerFolder)
            : BpeTrainer.Train(rows.SelectMany(row => new[] { row.Question, row.Answer }).Concat(texts), new() { VocabularySize = size.VocabularySize });
        var config = DecoderConfig.TinyLlama(
            tokenizer.VocabularySize, size.HiddenSize, size.Layers, size.Heads, size.Heads, size.HiddenSize * 8 / 3 / 8 * 8, size.MaxPositions);
        return new(new(config, seed), tokenizer, "new");
    }
}
