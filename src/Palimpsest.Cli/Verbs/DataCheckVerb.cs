using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest data check</c>: what data enable, and what is wrong with them.</summary>
internal static class DataCheckVerb
{
    public static Command Create()
    {
        var command = new Command(
            "check",
            "Say what rows and facts enable and what is wrong with them. Exit code 1 when there is an error."
        );
        var sets = new DataSets(command, "Rows (JSON, JSON lines)");
        var facts = CommonOptions.Optional("--facts", "Facts as JSON lines.", "file");
        command.Add(facts);
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var report = DataCheck.Run(
                new()
                {
                    Forget = sets.Path(parsed, "forget"),
                    Retain = sets.Path(parsed, "retain"),
                    Holdout = sets.Path(parsed, "holdout"),
                    Facts = parsed.GetValue(facts),
                }
            );
            session.Result(
                new
                {
                    report.Errors,
                    report.Warnings,
                    report.Files,
                    report.Uses,
                    report.Issues,
                },
                console => Draw(report, console)
            );
            return report.Errors == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command.WithExample("data check --forget forget.jsonl --retain retain.jsonl --facts facts.jsonl");
    }

    private static void Draw(DataReport report, IAnsiConsole console)
    {
        foreach (var table in TablesOf(report))
            console.WriteTable(table);
        foreach (var issue in report.Issues)
            console.WriteLine($"{(issue.Severity == DataSeverity.Error ? "error" : "warning")}: {issue}");
        console.WriteLine($"{report.Errors} errors, {report.Warnings} warnings");
    }

    internal static Table[] TablesOf(DataReport report)
    {
        var files = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("File", "Rows", "Wrong answers", "Other answer", "Other question");
        foreach (var file in report.Files)
            files.AddRow(
                Markup.Escape(file.Path),
                Count(file.Rows),
                Count(file.WithWrongAnswers),
                file.Part == "facts" ? "–" : Count(file.WithOtherAnswer),
                Count(file.WithOtherQuestion)
            );
        var uses = new Table().Border(TableBorder.Simple).AddColumns("Good for", "", "");
        foreach (var use in report.Uses)
            uses.AddRow(Markup.Escape(use.Name), use.Possible ? "yes" : "no", Markup.Escape(use.Note));
        return [files, uses];
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
