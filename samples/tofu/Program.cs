using System.CommandLine;
using Palimpsest.Samples.Tofu;

var data = new Option<string>("--data") { Description = "The folder with TOFU's files.", Required = true };
var run = new Option<string>("--run")
{
    Description = "Where everything goes; the same folder again goes on where it stopped.",
    DefaultValueFactory = _ => "runs/tofu",
};
var all = new Option<bool>("--all") { Description = "All 200 authors instead of 80." };
var smoke = new Option<bool>("--smoke")
{
    Description = "Five authors and a tiny model: shows in some minutes that every step works.",
};
var seed = new Option<ulong>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1 };
var command = new RootCommand(
    "Teaches a small Llama 80 authors, makes it forget 20 by four methods, and asks what is left."
)
{
    data,
    run,
    all,
    smoke,
    seed,
};
command.SetAction(
    async (parsed, cancellationToken) =>
    {
        var plan = parsed.GetValue(all) ? TofuPlan.All : TofuPlan.Part;
        if (parsed.GetValue(smoke))
            plan = TofuPlan.Smoke;
        try
        {
            await new Experiment(
                plan with
                {
                    Seed = parsed.GetValue(seed),
                },
                parsed.GetValue(data)!,
                parsed.GetValue(run)!
            ).RunAsync(cancellationToken);
            return 0;
        }
        catch (InputException error)
        {
            await Console.Error.WriteLineAsync($"tofu: {error.Message}");
            return 2;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("tofu: cancelled; the same command goes on where it stopped.");
            return 130;
        }
    }
);
return await command.Parse(args).InvokeAsync();
