using System.CommandLine;
using Palimpsest.Samples;

var model = new Option<string>("--model")
{
    Description = "SmolLM2-135M-Instruct: a GGUF file or a Hugging Face folder.",
    Required = true,
};
var wikiText = new Option<string?>("--wikitext") { Description = "WikiText-2's test text, for perplexity." };
var probes = new Option<string>("--probes")
{
    Description = "The facts: scopes forget, retain and irrelevant. Default: Harry Potter and its neighbours.",
    DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "probes.jsonl"),
};
var run = new Option<string>("--run")
{
    Description = "The folder of this run; an existing one is resumed.",
    DefaultValueFactory = _ => Path.Combine("runs", "real-model"),
};
var command = new RootCommand(
    "A real model is asked to forget one fictional world; an attacker tries; a report says what is left."
)
{
    model,
    wikiText,
    probes,
    run,
};
command.SetAction(
    (parsed, cancellationToken) =>
        Job.RunAsync(
            new()
            {
                Model = parsed.GetValue(model)!,
                WikiText = parsed.GetValue(wikiText),
                Probes = parsed.GetValue(probes)!,
            },
            parsed.GetValue(run)!,
            cancellationToken
        )
);
try
{
    return await command.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Stopped; the same command goes on from here.");
    return 130;
}
catch (InputException error)
{
    await Console.Error.WriteLineAsync(error.Message.ReplaceLineEndings(" "));
    return 2;
}
