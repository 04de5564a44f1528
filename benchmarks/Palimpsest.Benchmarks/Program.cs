using System.CommandLine;
using Palimpsest.Benchmarks;

if (args is [LossChild.Verb, ..])
    return LossChild.Run(args[1..]);

var name = new Argument<string>("name") { Description = $"One of {string.Join(", ", Suites.Names)}, or all." };
name.AcceptOnlyFromAmong([.. Suites.Names, Suites.All]);
var size = new Option<string?>("--size") { Description = "Only the model of this size." };
size.AcceptOnlyFromAmong([.. ModelSize.All.Select(s => s.Name)]);
var json = new Option<FileInfo?>("--json") { Description = "Writes the rows to this file, one JSON object a line." };
var root = new RootCommand("Measures Palimpsest beside PyTorch's rows and a plain TorchSharp loop.") { name, size, json };
root.SetAction(parsed =>
{
    var report = new Report(PeerTable.Load(Path.Combine(AppContext.BaseDirectory, "peers.jsonl")), Console.Out);
    var sizes = parsed.GetValue(size) is { } only ? ModelSize.All.Where(s => s.Name == only).ToArray() : ModelSize.All;
    report.Environment();
    foreach (var suite in Suites.Named(parsed.GetRequiredValue(name)))
        suite.Run(report, sizes);
    if (parsed.GetValue(json) is { } file)
        report.Write(file.FullName);
});
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
