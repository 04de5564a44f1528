using System.CommandLine;
using Palimpsest.Reproductions;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest systems</c>: the catalogues of all projects.</summary>
internal static class SystemsVerb
{
    public static Command Create()
    {
        var docs = CommonOptions.Docs("Writes the list as a Markdown page too.");
        var command = new Command("systems", "List the published systems that are here.").With(docs);
        command.SetAction(parsed =>
        {
            var lines = Lines();
            if (parsed.GetValue(docs) is { } path)
                AtomicFile.WriteText(path, SystemsPage.Render());
            new Session(parsed).Result(lines, console => console.WriteTable(TableOf(lines)));
            return ExitCode.Done;
        });
        return command.WithExample("systems --json");
    }

    internal static Table TableOf(IReadOnlyList<SystemLine> lines)
    {
        var table = new Table().AddColumns("Id", "System", "arXiv", "Offers").Border(TableBorder.Simple);
        foreach (var line in lines)
            table.AddRow(Markup.Escape(line.Id), Markup.Escape(line.Title), line.ArXiv, string.Join(", ", line.Offers));
        return table;
    }

    internal static SystemLine[] Lines() =>
        [
            .. Systems.ByProject.SelectMany(project =>
                project.Entries.Select(entry => new SystemLine(
                    entry.Id,
                    entry.Title,
                    entry.ArXiv,
                    SystemsPage.Offers(entry),
                    project.Project
                ))
            ),
        ];

    internal sealed record SystemLine(
        string Id,
        string Title,
        string ArXiv,
        IReadOnlyList<string> Offers,
        string Project
    );
}
