using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model diff A B</c>: which parts of two models differ, and how far.</summary>
internal static class ModelDiffVerb
{
    private const int BarWidth = 24;

    public static Command Create()
    {
        var first = ModelVerb.Folder("first", "A model folder or GGUF file, for example the model before forgetting.");
        var second = ModelVerb.Folder("second", "A model of the same shape, for example the model after forgetting.");
        var command = new Command("diff", "Tell which parts of two models differ.") { first, second };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var diff = await session
                    .WithProgressAsync(
                        "Comparing",
                        progress =>
                            Task.Run(
                                () =>
                                    ModelDiff.Compare(
                                        parsed.GetValue(first)!,
                                        parsed.GetValue(second)!,
                                        progress,
                                        cancellationToken
                                    ),
                                cancellationToken
                            )
                    )
                    .ConfigureAwait(false);
                session.Result(diff, console => Draw(diff, console));
                return ExitCode.Done;
            }
        );
        return command.WithExample("model diff runs/model runs/forgot");
    }

    private static void Draw(ModelDiff diff, IAnsiConsole console)
    {
        console.WriteTable(TableOf(diff));
        console.WriteLine(Verdict(diff));
    }

    internal static Table TableOf(ModelDiff diff)
    {
        string[] parts = [.. diff.Components.Select(c => c.Component!)];
        var longest = diff.Layers.Max(l => l.Difference.RelativeNorm);
        string[] measures = ["‖A−B‖/‖A‖", "", "max |A−B|", "Cosine"];
        var table = new Table().Border(TableBorder.Simple).AddColumn("Layer").AddColumns(measures);
        foreach (var part in parts)
            table.AddColumn(new TableColumn(part).RightAligned());
        foreach (var layer in diff.Layers)
        {
            string[] cells =
            [
                layer.Layer?.ToString(CultureInfo.InvariantCulture) ?? "outside",
                Number(layer.Difference.RelativeNorm),
                Bar(layer.Difference.RelativeNorm, longest),
                Number(layer.Difference.MaxAbsolute),
                layer.Difference.Cosine.ToString("f6", CultureInfo.InvariantCulture),
                .. parts.Select(part =>
                    diff.LayerComponents.FirstOrDefault(g => g.Layer == layer.Layer && g.Component == part) is { } group
                        ? Number(group.Difference.RelativeNorm)
                        : ""
                ),
            ];
            table.AddRow(cells);
        }

        table.AddRow([
            "all",
            Number(diff.Total.Difference.RelativeNorm),
            "",
            Number(diff.Total.Difference.MaxAbsolute),
            diff.Total.Difference.Cosine.ToString("f6", CultureInfo.InvariantCulture),
            .. diff.Components.Select(c => Number(c.Difference.RelativeNorm)),
        ]);
        return table;
    }

    private static string Verdict(ModelDiff diff)
    {
        if (diff.Total.Changed == 0)
            return "The weights are equal, number for number.";
        var most = diff.LayerComponents.MaxBy(g => g.Difference.RelativeNorm)!;
        var place = most.Layer is { } layer
            ? string.Create(CultureInfo.InvariantCulture, $"the {most.Component} of layer {layer}")
            : $"the {most.Component}";
        return $"{diff.Total.Changed} of {diff.Total.Tensors} tensors differ; {place} changed most.";
    }

    private static string Bar(double value, double longest)
    {
        if (longest is 0 or double.PositiveInfinity)
            return new string('█', value > 0 ? BarWidth : 0);
        return new string('█', (int)Math.Ceiling(BarWidth * value / longest));
    }

    private static string Number(double value) => value == 0 ? "0" : value.ToString("g3", CultureInfo.InvariantCulture);
}
