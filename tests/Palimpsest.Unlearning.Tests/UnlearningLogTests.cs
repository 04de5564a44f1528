using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class UnlearningLogTests
{
    [Fact]
    public async Task A_run_logs_method_rows_seed_steps_and_result_and_nothing_else()
    {
        var config = DecoderConfig.TinyLlama(32, 16, 2, 2, 1, 32, 16);
        using var original = new CausalLM(config, seed: 1);
        var logger = new ListLogger<Unlearner>();
        var job = new UnlearnJob
        {
            Model = original,
            PadId = 0,
            Forget = [new([1, 2, 3, 4], 2), new([5, 6, 7, 8], 2, 1)],
            Retain = [new([9, 10, 11, 12], 2)],
            Training = new() { MaxSteps = 2, Seed = 77 },
            Logger = logger,
        };
        using var model = (await Catalog.Find("graddiff").CreateDefault().RunAsync(job)).Model;
        Assert.Equal([3001, 2001, 2002, 3002], logger.Entries.Select(entry => entry.Event));
        Assert.Equal(
            "Unlearning by graddiff: 2 rows to forget, 1 to keep, 0 with alternates, seed 77",
            logger.Entries[0].Message
        );
        var parameters = original.parameters().Sum(parameter => parameter.numel());
        Assert.StartsWith($"Training {parameters} parameters", logger.Entries[1].Message, StringComparison.Ordinal);
        Assert.Contains("from step 0 to 2, seed 77", logger.Entries[1].Message, StringComparison.Ordinal);
        Assert.StartsWith("Trained to step 2: ", logger.Entries[2].Message, StringComparison.Ordinal);
        Assert.Equal("Unlearned by graddiff in 2 steps: ChangedWeights", logger.Entries[3].Message);
    }
}
