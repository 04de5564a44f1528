using System.CommandLine;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate BENCHMARK</c>: the published benchmarks of the catalogue, and plain
/// measurements.</summary>
internal static class EvaluateVerb
{
    public static Command Create()
    {
        var command = new Command("evaluate", "Run a benchmark on a model.").WithExample(
            "evaluate tofu --model runs/model --data tofu --forget forget05"
        );
        foreach (var entry in Evaluation.Catalog.All.Where(entry => entry.Offers.HasFlag(SystemOffers.Benchmark)))
        {
            command.Add(
                entry is CatalogEntry<IBenchmark> benchmark
                    ? new EvaluateBenchmarkVerb(benchmark)
                    : new EvaluateTofuVerb(entry)
            );
        }

        command.Add(new EvaluateChoiceVerb());
        command.Add(new EvaluateRecallVerb());
        command.Add(new EvaluatePerplexityVerb());
        command.Add(new EvaluateKvVerb());
        command.Add(new EvaluateVerdictVerb());
        return command;
    }
}
