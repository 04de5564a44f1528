using System.CommandLine;
using Palimpsest.Benchmarks;

if (args is [LossChild.Verb, ..])
    return LossChild.Run(args[1..]);

var name = new Argument<string>("name")
{
    Description = $"One of {string.Join(", ", Suites.Names)}, {SmolLm2Suite.Name}, {EmbeddingSuite.Name}, or all.",
};
name.AcceptOnlyFromAmong([.. Suites.Names, SmolLm2Suite.Name, EmbeddingSuite.Name, Suites.All]);
var size = new Option<string?>("--size") { Description = "Only the model of this size." };
size.AcceptOnlyFromAmong([.. ModelSize.All.Select(s => s.Name)]);
var smolLm2 = new Option<FileInfo?>("--smollm2")
{
    Description =
        "SmolLM2-135M-Instruct as a GGUF file, for the suite of that name; all includes it when the file is given.",
};
var encoder = new Option<DirectoryInfo?>("--encoder")
{
    Description =
        "A sentence encoder's folder (all-MiniLM-L6-v2), for the suite embeddings; all includes it when the folder is "
        + "given.",
};
var json = new Option<FileInfo?>("--json") { Description = "Writes the rows to this file, one JSON object a line." };
var root = new RootCommand("Measures Palimpsest beside PyTorch's rows and a plain TorchSharp loop.")
{
    name,
    size,
    smolLm2,
    encoder,
    json,
};
root.Validators.Add(result =>
{
    if (result.GetValue(name) == SmolLm2Suite.Name && result.GetValue(smolLm2) is null)
        result.AddError("smollm2 needs --smollm2 FILE.");
    if (result.GetValue(name) == EmbeddingSuite.Name && result.GetValue(encoder) is null)
        result.AddError("embeddings needs --encoder FOLDER.");
});
root.SetAction(parsed =>
{
    var report = new Report(PeerTable.Load(Path.Combine(AppContext.BaseDirectory, "peers.jsonl")), Console.Out);
    var sizes = parsed.GetValue(size) is { } only ? ModelSize.All.Where(s => s.Name == only).ToArray() : ModelSize.All;
    report.Environment();
    foreach (var suite in Suites.Named(parsed.GetRequiredValue(name)))
        suite.Run(report, sizes);
    if (parsed.GetRequiredValue(name) is SmolLm2Suite.Name or Suites.All && parsed.GetValue(smolLm2) is { } file)
        new SmolLm2Suite(file.FullName).Run(report);
    if (parsed.GetRequiredValue(name) is EmbeddingSuite.Name or Suites.All && parsed.GetValue(encoder) is { } folder)
        new EmbeddingSuite(folder.FullName).Run(report);
    if (parsed.GetValue(json) is { } target)
        report.Write(target.FullName);
});
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
