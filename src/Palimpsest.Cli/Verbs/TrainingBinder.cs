using System.CommandLine;
using Palimpsest.Training;

namespace Palimpsest.Cli.Verbs;

/// <summary>The trainer's, optimiser's and schedule's settings as command-line options.</summary>
internal sealed class TrainingBinder
{
    private readonly OptionBinder _training;
    private readonly OptionBinder _optimizer;
    private readonly OptionBinder _schedule;
    private readonly Option<string> _shape;

    private TrainingBinder(Command command)
    {
        _shape = new("--schedule")
        {
            Description = "Shape of the learning rate after its warm-up.",
            HelpName = "constant|linear|cosine|warmup-stable-decay",
            DefaultValueFactory = _ => "constant",
        };
        command.Add(_shape);
        _training = OptionBinder.AddTo(command, typeof(TrainOptions), nameof(TrainOptions.RunFolder));
        _optimizer = OptionBinder.AddTo(command, typeof(OptimizerOptions));
        _schedule = OptionBinder.AddTo(command, typeof(ScheduleOptions), nameof(ScheduleOptions.Kind));
    }

    public static TrainingBinder AddTo(Command command) => new(command);

    public TrainOptions Bind(ParseResult parsed)
    {
        var kind =
            Enum.GetValues<ScheduleKind>()
                .Cast<ScheduleKind?>()
                .FirstOrDefault(k =>
                    string.Equals(
                        k.ToString(),
                        parsed.GetValue(_shape)!.Replace("-", "", StringComparison.Ordinal),
                        StringComparison.OrdinalIgnoreCase
                    )
                )
            ?? throw new InputException(
                $"--schedule: '{parsed.GetValue(_shape)}' is not one of constant, linear, cosine, warmup-stable-decay."
            );
        return (TrainOptions)_training.Bind(parsed) with
        {
            Optimizer = (OptimizerOptions)_optimizer.Bind(parsed),
            Schedule = (ScheduleOptions)_schedule.Bind(parsed) with { Kind = kind },
        };
    }

    public ulong Seed(ParseResult parsed) => ((TrainOptions)_training.Bind(parsed)).Seed;
}
