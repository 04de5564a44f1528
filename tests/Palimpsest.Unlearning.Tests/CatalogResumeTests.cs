using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

/// <summary>What every method of the catalogue does when it is cut off, lacks what it needs, or diverges.</summary>
public sealed class CatalogResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Ids => [.. Catalog.All.Select(entry => entry.Id)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Cut_off_and_resumed_ends_bit_for_bit_as_a_run_that_never_stopped(string id)
    {
        using var original = UnlearnerTests.ModelFor(id);
        var whole = await RunAsync(id, original, null, cutAt: null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(id, original, _folder.Path, cutAt: 3));
        Assert.Equal(whole, await RunAsync(id, original, _folder.Path, cutAt: null));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Whatever_rows_a_method_says_it_reads_are_asked_for_in_one_line_that_names_it(string id)
    {
        using var original = UnlearnerTests.ModelFor(id);
        var method = UnlearnerTests.Method(id);
        async Task<string> Refused(UnlearnJob job) =>
            (await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job))).Message;
        if (method.ReadsRetain)
            Assert.Equal(
                $"The retain set is empty; method '{id}' needs at least one row.",
                await Refused(UnlearnerTests.Job(original) with { Retain = [] })
            );
        if (method.ReadsAlternates && id != "uld")
            Assert.Equal(
                $"Method '{id}' needs another answer to each of the 6 forget rows; 0 rows have one.",
                await Refused(UnlearnerTests.Job(original) with { Alternates = [] })
            );
        Assert.Equal(
            "The forget set is empty; needed is at least one row.",
            await Refused(UnlearnerTests.Job(original) with { Forget = [] })
        );
        if (method.TakesAdapter)
            return;
        var error = await Refused(UnlearnerTests.Job(original) with { Lora = new() { Rank = 2 } });
        Assert.StartsWith($"Method '{id}'", error, StringComparison.Ordinal);
        Assert.Contains("Lora", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_run_whose_loss_is_no_number_stops_at_its_step_and_keeps_the_checkpoint_before(string id)
    {
        using var original = UnlearnerTests.ModelFor(id);
        var job = Job(original, _folder.Path) with { Extensions = [new Spoils(at: 3)] };
        var error = await Assert.ThrowsAsync<InputException>(() => UnlearnerTests.Method(id).RunAsync(job));
        Assert.Contains("Step 3: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("step-00000002", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        var kept = Directory.GetDirectories(_folder.File("checkpoints")).Select(Path.GetFileName);
        Assert.Equal(["step-00000002"], kept);
    }

    private static UnlearnJob Job(CausalLM model, string? folder) =>
        UnlearnerTests.Job(model) with
        {
            Training = new()
            {
                MaxSteps = 6,
                RunFolder = folder,
                CheckpointEvery = folder is null ? 0 : 2,
                Optimizer = new() { LearningRate = 1e-3 },
            },
        };

    private static async Task<float[]> RunAsync(string id, CausalLM model, string? folder, int? cutAt)
    {
        using var stop = new CancellationTokenSource();
        var result = await UnlearnerTests.Method(id).RunAsync(Job(model, folder), new CutAt(cutAt, stop), stop.Token);
        using var made = result as IDisposable ?? result.Model;
        return UnlearnerTests.Made(result);
    }

    private sealed class CutAt(int? step, CancellationTokenSource stop) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value)
        {
            if (value.Step == step)
                stop.Cancel();
        }
    }

    /// <summary>Makes a trained weight infinite after a step, as an explosion would.</summary>
    private sealed class Spoils(int at) : ITrainExtension
    {
        string ITrainState.Fingerprint => "spoils";

        public bool AfterStep(ITrainable model, TrainProgress progress)
        {
            if (progress.Step != at)
                return false;
            using var grad = no_grad();
            foreach (var parameter in model.TrainableParameters)
                parameter.Value.fill_(float.NaN);
            return false;
        }
    }
}
