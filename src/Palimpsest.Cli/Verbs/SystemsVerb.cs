using System.CommandLine;
using Spectre.Console;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest systems</c>: the catalogue.</summary>
internal static class SystemsVerb
{
    public static Command Create()
    {
        var command = new Command("systems", "List the published systems that are here.");
        command.SetAction(parsed =>
        {
            var systems = Catalog.All.Select(entry => new SystemLine(entry.Id, entry.Title, entry.ArXiv, "method"))
                .Append(new("sleek", "Step-by-step reasoning attack", "2506.17279", "attack"))
                .Append(new("tofu", "Task of fictitious unlearning", "2401.06121", "benchmark"))
                .Append(new("sok", "Removal or suppression", "2506.09227", "verdict"))
                .Append(new("cut-cross-entropy", "Loss without the logits matrix", "2411.09009", "training"))
                .Append(new("lora", "Low-rank adaptation", "2106.09685", "adapter")).ToArray();
            new Session(parsed).Result(systems, console =>
            {
                var table = new Table().AddColumns("Id", "System", "arXiv", "Offers").Border(TableBorder.Simple);
                foreach (var system in systems)
                    table.AddRow(Markup.Escape(system.Id), Markup.Escape(system.Title), system.ArXiv, system.Offers);
                console.Write(table);
            });
            return ExitCode.Done;
        });
        return command;
    }

    private sealed record SystemLine(string Id, string Title, string ArXiv, string Offers);
}
