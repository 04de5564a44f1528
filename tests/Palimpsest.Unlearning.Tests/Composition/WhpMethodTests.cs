using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class WhpMethodTests
{
    [Fact]
    public async Task What_would_have_no_effect_is_refused()
    {
        using var language = ResultModels.New(1);
        var job = ResultModels.Job(language);
        var (training, decoding) = (new WhpMethod(new()), new WhpMethod(new() { AtDecoding = true }));
        Task<InputException> Refused(WhpMethod method, UnlearnJob which) =>
            Assert.ThrowsAsync<InputException>(() => method.RunAsync(which));

        await Refused(training, job with { Reference = language.Decoder });
        await Refused(decoding, job with { MayChange = new WeightSelector() });
        await Refused(decoding, job with { Anchors = [new(0, [1], [2])] });
        Assert.False(decoding.ReadsAnchors);
        foreach (
            var options in new WhpOptions[]
            {
                new() { AtDecoding = true, LabelTokens = 2 },
                new() { AtDecoding = true, BlockTokens = 9 },
                new() { AtDecoding = true, StandInPenalty = 0 },
                new() { AtDecoding = true, ReinforcedEpochs = 1 },
                new() { AtDecoding = true, ReinforcedLearningRate = 0.1 },
            }
        )
            await Refused(new(options), job);
    }

    [Fact]
    public async Task Blocks_anchors_labels_and_the_reinforced_models_training_change_what_is_learnt()
    {
        using var language = ResultModels.New(1);
        var job = ResultModels.Job(language);
        var stone = language.Tokenizer.Encode(" stone", addSpecialTokens: false);
        var anchored = job with { Anchors = [new(0, stone, [7, 8])] };
        (WhpOptions Options, UnlearnJob Job)[] runs =
        [
            (new(), job),
            (new(), anchored),
            (new() { StandInPenalty = 0 }, anchored),
            (new() { BlockTokens = 9 }, job),
            (new() { LabelTokens = 4 }, job),
            (new() { Strength = 0 }, job),
            (new() { ComparesLogProbabilities = true }, job),
            (new() { ReinforcedEpochs = 40 }, job),
            (new() { ReinforcedLearningRate = 0.3 }, job),
        ];
        var hashes = new List<string>();
        foreach (var (options, which) in runs)
        {
            using var made = (
                await new WhpMethod(options with { LabelTokens = Math.Max(options.LabelTokens, 3) }).RunAsync(which)
            ).Model;
            hashes.Add(WeightHash.Of(made));
        }

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_as_if_it_had_not_and_other_anchors_are_refused()
    {
        using var language = ResultModels.New(1);
        using var folder = new TemporaryFolder();
        var job = ResultModels.Job(language);
        job = job with { Training = job.Training with { RunFolder = folder.Path, CheckpointEvery = 2 } };
        using var whole = (
            await new WhpMethod(new()).RunAsync(job with { Training = job.Training with { RunFolder = null } })
        ).Model;
        using var stop = new CancellationTokenSource();
        var seen = new Stopping(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new WhpMethod(new()).RunAsync(job, seen, stop.Token)
        );
        Assert.True(Directory.Exists(Path.Combine(folder.Path, WhpMethod.ReinforcedFolder)));
        var stone = language.Tokenizer.Encode(" stone", addSpecialTokens: false);
        await Assert.ThrowsAsync<InputException>(() =>
            new WhpMethod(new()).RunAsync(job with { Anchors = [new(0, stone, [7])] })
        );
        using var resumed = (await new WhpMethod(new()).RunAsync(job)).Model;
        Assert.Equal(WeightHash.Of(whole), WeightHash.Of(resumed));
    }

    /// <summary>Cancels in the second training, after its fourth step.</summary>
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<TrainProgress>
    {
        private int _trainings;

        public void Report(TrainProgress value)
        {
            if (value.Step == 1)
                _trainings++;
            if (_trainings == 2 && value.Step == 4)
                stop.Cancel();
        }
    }
}
