using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack ATTACK</c>.</summary>
internal static class AttackVerb
{
    public static Command Create() => new("attack", "Run one attack on a model.") { CreateSleek() };

    private static Command CreateSleek()
    {
        var (original, model) = (CommonOptions.Model("--original", "The model before forgetting."), CommonOptions.Model("--model", "The model after forgetting."));
        var retrained = CommonOptions.Optional("--retrained", "A model trained without the forget rows.");
        var facts = CommonOptions.Required("--facts", "Facts as JSON lines.");
        var command = new Command("sleek", "Sleek (arXiv 2506.17279): ask around an erased fact.").With(original, model, retrained, facts, CommonOptions.Device, CommonOptions.Run);
        var binder = OptionBinder.AddTo(command, typeof(SleekOptions));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new Session(parsed);
            var (options, device) = ((SleekOptions)binder.Bind(parsed), TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!));
            var probes = OfflineProbes.Generate(FactFile.Read(parsed.GetValue(facts)!), options);
            var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "attack", session.Clock);
            run.WriteConfig(parsed);
            var report = await session.WithProgressAsync("Sleek", async progress =>
            {
                async Task<IReadOnlyList<SleekReply>?> Ask(string? folder)
                {
                    if (folder is null)
                        return null;
                    using var language = LanguageModel.Load(folder, device: device, cancellationToken: cancellationToken);
                    return await new Sleek(options).AskAsync(language, probes, progress, cancellationToken).ConfigureAwait(false);
                }

                var before = await Ask(parsed.GetValue(original)).ConfigureAwait(false);
                var after = await Ask(parsed.GetValue(model)).ConfigureAwait(false);
                return Sleek.Report(before!, after!, await Ask(parsed.GetValue(retrained)).ConfigureAwait(false));
            }).ConfigureAwait(false);
            AtomicFile.WriteText(run.File("report.json"), JsonSerializer.Serialize(report, Session.JsonFormat));
            session.Result(report, console =>
            {
                var table = new Table().AddColumns("Probes", "Leak", "95 %", "n").Border(TableBorder.Simple);
                void Row(string name, Rate rate) => table.AddRow(
                    name, rate.Value.ToString("p0"), $"{rate.Interval.Low:p0} to {rate.Interval.High:p0}", rate.N.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Row("seed question", report.SeedLeak);
                foreach (var (category, rate) in report.LeakByCategory)
                    Row(category.ToString().ToLowerInvariant(), rate);
                Row("reasoned chain", report.ChainLeak);
                Row("facts with any leak", report.FactsLeaked);
                Row("over-suppression", report.OverSuppression);
                console.Write(table);
            });
            return report.Leak.Hits == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
