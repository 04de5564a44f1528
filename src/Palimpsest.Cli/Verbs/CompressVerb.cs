using System.CommandLine;
using System.Globalization;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest compress quantize</c>.</summary>
internal static class CompressVerb
{
    public static Command Create() => new("compress", "Make a model smaller.") { CreateQuantize() };

    private static Command CreateQuantize()
    {
        var (model, adapter) = (
            CommonOptions.Model(),
            CommonOptions.Optional("--adapter", "A PEFT adapter folder, merged first.")
        );
        var target = CommonOptions.Out("Where the rounded model goes.");
        var command = new Command(
            "quantize",
            "Round the weights to codes of a few bits and say what the codes take. The folder that is written holds "
                + "the rounded values as float32, so that every verb can measure the loss."
        ).With(model, adapter, target, OutputCheck.Overwrite);
        var binder = OptionBinder.AddTo(command, typeof(QuantizeOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var options = (QuantizeOptions)binder.Bind(parsed);
                using var language = LanguageModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    cancellationToken: cancellationToken
                );
                using var rounded = language.WithDecoder(language.Decoder.CloneFrozen(), options.Name);
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
                OutputFolder.Write(parsed.GetValue(target)!, place => ((LanguageModel)rounded).Save(place));
                session.Result(
                    size,
                    console =>
                        console.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{size.Scheme}: {size.QuantizedWeights} weights as {size.QuantizedBytes} bytes "
                                    + $"({size.BitsPerWeight:f2} bits each); with the other {size.OtherWeights} in "
                                    + $"float32 {size.TotalBytes} bytes instead of {size.FloatBytes}. The rounded "
                                    + $"values are in {parsed.GetValue(target)}, as float32."
                            )
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
