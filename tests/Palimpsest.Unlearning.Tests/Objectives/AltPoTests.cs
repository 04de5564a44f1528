using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class AltPoTests
{
    [Fact]
    public async Task Each_other_answer_is_a_row_of_its_own_in_every_epoch()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original); // 6 rows with 2 answers each, batches of 4, 2 epochs
        var (alternate, drawn) = (new List<TrainProgress>(), new List<TrainProgress>());
        var result = await new AltPo(new() { Retain = RetainTerm.Nll }).RunAsync(job, new Steps(alternate));
        using var model = result.Model;
        using var other = (await Catalog.Find("dpo-rt").CreateDefault().RunAsync(job, new Steps(drawn))).Model;
        Assert.Equal((6, 4), (alternate.Count, drawn.Count));
    }

    [Fact]
    public async Task With_one_answer_to_a_question_it_is_dpo_with_retain_nll()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        job = job with { Alternates = [.. job.Alternates.Select(answers => answers.Take(1).ToArray())] };
        using var model = (await Catalog.Find("altpo").Create(new AltPoOptions { Beta = 0.5 }).RunAsync(job)).Model;
        using var other = (await Catalog.Find("dpo-rt").Create(new DpoOptions { Beta = 0.5 }).RunAsync(job)).Model;
        using var unlike = (await Catalog.Find("dpo-rt").CreateDefault().RunAsync(job)).Model;
        Assert.Equal(WeightHash.Of(other), WeightHash.Of(model));
        Assert.NotEqual(WeightHash.Of(unlike), WeightHash.Of(model));
    }

    [Fact]
    public async Task A_true_answer_among_the_others_is_named_by_its_place()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        IReadOnlyList<TokenSequence>[] answers = [.. job.Alternates];
        answers[3] = [answers[3][0], job.Forget[3]];
        var error = await Assert.ThrowsAsync<InputException>(() =>
            Catalog.Find("altpo").CreateDefault().RunAsync(job with { Alternates = answers })
        );
        Assert.Equal("Other answer 1 to forget row 3 is the true one; method 'altpo' needs false ones.", error.Message);
    }

    private sealed class Steps(List<TrainProgress> seen) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => seen.Add(value);
    }
}
