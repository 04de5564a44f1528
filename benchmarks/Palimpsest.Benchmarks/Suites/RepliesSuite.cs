using Palimpsest.Inference;

namespace Palimpsest.Benchmarks;

/// <summary>Eight replies that are asked for at once against the same eight in turn.</summary>
internal sealed class RepliesSuite : ISuite
{
    private const int Replies = 8;
    private const int Prompt = 32;
    private const int New = 64;
    private static readonly string[] Sizes = ["1.3M", "14M"];

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(size => Sizes.Contains(size.Name)))
        {
            using var model = RandomModel.Build(size);
            var prompts = size.Tokens(Replies, Prompt, seed: 7)
                .Chunk(Prompt)
                .Select(row => row.Select(id => (int)id).ToArray())
                .ToArray();
            var (seconds, gflops) = Timing.Calibrated(() =>
                Timing.InTurn(5, () => InTurn(model, prompts), () => AtOnce(model, prompts))
            );
            report.Add(
                new()
                {
                    Bench = "replies",
                    Size = size.Name,
                    Setting = $"{Replies} at once, {Prompt} + {New}",
                    Value = seconds[1],
                    Unit = "s",
                    Gflops = gflops,
                    Against = "in turn",
                    Ratio = seconds[1] / seconds[0],
                    Goal = new(0.5, AtLeast: false),
                }
            );
        }
    }

    private static Task<IReadOnlyList<int[]>> Reply(LanguageModel model, int[] prompt) =>
        model.GenerateAsync([prompt], new() { MaxNewTokens = New });

    private static void InTurn(LanguageModel model, int[][] prompts)
    {
        foreach (var prompt in prompts)
            Reply(model, prompt).GetAwaiter().GetResult();
    }

    private static void AtOnce(LanguageModel model, int[][] prompts) =>
        Task.WhenAll(prompts.Select(prompt => Reply(model, prompt))).GetAwaiter().GetResult();
}
