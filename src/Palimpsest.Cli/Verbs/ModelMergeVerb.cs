using System.CommandLine;
using System.Globalization;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model merge A B --out DIR --method linear|slerp|task-vector</c>.</summary>
internal static class ModelMergeVerb
{
    private const string Linear = "linear";
    private const string Slerp = "slerp";
    private const string TaskVector = "task-vector";

    private static readonly PlaceArgument<string[]> Models = new("models")
    {
        Description = "Model folders or GGUF files of one family and of equal shapes.",
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly OutputOption Target = CommonOptions.Out("Where the merged model goes.");
    private static readonly Option<string> Method = CommonOptions.Required(
        "--method",
        "linear: (1 - w) A + w B; slerp: the same along the arc; task-vector: base + scale (A - base) + scale (B - "
            + "base) + ...",
        $"{Linear}|{Slerp}|{TaskVector}"
    );

    private static readonly Option<string?> Weight = CommonOptions.Optional(
        "--weight",
        "linear: w, the share of B, in [0, 1]. Default: 0.5.",
        "number"
    );
    private static readonly Option<string?> Angle = CommonOptions.Optional(
        "--t",
        "slerp: t in [0, 1]; 0 gives A, 1 gives B. Default: 0.5.",
        "number"
    );
    private static readonly Option<string?> Base = CommonOptions.Optional(
        "--base",
        "task-vector: the model that the others were trained from.",
        "model"
    );
    private static readonly Option<string[]> Scale = new("--scale")
    {
        Description =
            "task-vector: the scale, one for all models or one for each, repeated in their order; negative takes a "
            + "task out. Default: 1.",
        HelpName = "number",
    };

    public static Command Create()
    {
        var command = new Command("merge", "Make one model of several.") { Models };
        command.With(Target, Method, Weight, Angle, Base, Scale, OutputCheck.Overwrite);
        var binder = CheckpointBinder.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var (method, folder, options) = (Rule(parsed), parsed.GetValue(Target)!, binder.Bind(parsed));
                string[] models =
                [
                    .. parsed.GetValue(Base) is { } origin ? [origin] : Array.Empty<string>(),
                    .. parsed.GetValue(Models)!,
                ];
                var info = await session
                    .WithProgressAsync(
                        "Merging",
                        progress =>
                            Task.Run(
                                () =>
                                {
                                    OutputFolder.Write(
                                        folder,
                                        place =>
                                            ModelMerger.Run(models, place, method, options, progress, cancellationToken)
                                    );
                                    return ModelInfo.Read(folder);
                                },
                                cancellationToken
                            )
                    )
                    .ConfigureAwait(false);
                session.Result(info, console => console.Write(WrittenModel.Line(info)));
                return ExitCode.Done;
            }
        );
        return command.WithExample("model merge runs/a runs/b --method slerp --t 0.3 --out runs/merged");
    }

    private static IWeightMerge Rule(ParseResult parsed)
    {
        var name = parsed.GetValue(Method)!;
        Option[] own = name switch
        {
            Linear => [Weight],
            Slerp => [Angle],
            TaskVector => [Base, Scale],
            _ => throw new InputException($"{Method.Name}: '{name}' is not one of {Linear}, {Slerp}, {TaskVector}."),
        };
        foreach (var option in ((Option[])[Weight, Angle, Base, Scale]).Except(own))
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw new InputException(
                    $"{option.Name}: has no meaning for --method {name}, which takes "
                        + $"{string.Join(" and ", own.Select(o => o.Name))}."
                );
        }

        return name switch
        {
            Linear => new LinearMerge(Number(Weight, parsed.GetValue(Weight), 0.5, 0, 1)),
            Slerp => new SlerpMerge(Number(Angle, parsed.GetValue(Angle), 0.5, 0, 1)),
            _ when parsed.GetValue(Base) is null => throw new InputException(
                $"{Base.Name}: is missing; --method {TaskVector} needs the model that the others were trained from."
            ),
            _ => new TaskVectorMerge(
                parsed.GetValue(Scale) is { Length: > 0 } scales
                    ? [.. scales.Select(scale => Number(Scale, scale, 1, -100, 100))]
                    : [1]
            ),
        };
    }

    private static double Number(Option option, string? text, double absent, double least, double most)
    {
        if (text is null)
            return absent;
        return NumberText.TryParse(text, out var value) && value >= least && value <= most
            ? value
            : throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{option.Name}: '{text}' is not a number from {least} to {most}."
                )
            );
    }
}
