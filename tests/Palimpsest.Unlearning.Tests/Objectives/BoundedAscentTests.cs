using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

/// <summary>The method that CONTRIBUTING.md shows is the one in this folder, and works.</summary>
public sealed class BoundedAscentTests
{
    private static readonly string Source = Path.Combine(
        GoldenFolder.Repository,
        "tests",
        "Palimpsest.Unlearning.Tests",
        "Objectives",
        "BoundedAscent.cs"
    );

    [Fact]
    public void The_page_shows_the_file_as_it_is_compiled_here_in_fewer_than_sixty_lines()
    {
        string[] lines = File.ReadAllLines(Source);
        Assert.True(lines.Length < 60, $"{lines.Length} lines");
        var page = File.ReadAllText(Path.Combine(GoldenFolder.Repository, "CONTRIBUTING.md")).ReplaceLineEndings("\n");
        var code = string.Join('\n', lines.SkipWhile(line => !line.StartsWith("/// <summary>Settings")));
        Assert.Contains($"```csharp\n{code.Trim()}\n```", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_loss_counts_what_is_left_to_the_bound_and_nothing_beyond()
    {
        using var scope = NewDisposeScope();
        var loss = new BoundedAscent(new() { Bound = 3 }).Loss(ForgetStep.Of([1, 2.5, 7]));
        Assert.Equal((2 + 0.5 + 0) / 3, loss.item<double>(), 1e-6);
    }

    [Fact]
    public async Task It_runs_with_retain_rows_checkpoints_and_selected_weights_like_any_other()
    {
        using var model = new CausalLM(UnlearnerTests.Config, seed: 1);
        var options = new BoundedAscentOptions { Bound = 6, Retain = RetainTerm.Nll };
        var job = UnlearnerTests.Job(model) with
        {
            MayChange = new Wagle(new() { Share = 0.5 }),
            Training = new()
            {
                MaxSteps = 60,
                Optimizer = new() { LearningRate = 1e-2 },
            },
        };
        var result = await new Unlearner("bounded-ascent", new BoundedAscent(options), options).RunAsync(job);
        using var changed = result.Model;
        double Nll(CausalLM of) =>
            UnlearningObjective.SequenceNll(of, job.Forget, 0, 4, CancellationToken.None).Sum()
            / job.Forget.Sum(row => row.LabelCount);
        Assert.InRange(Nll(changed), Math.Max(5, Nll(model)), 9);
    }
}
