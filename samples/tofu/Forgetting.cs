using Palimpsest.Inference;
using Palimpsest.Unlearning;

namespace Palimpsest.Samples.Tofu;

/// <summary>Makes the full model forget.</summary>
internal sealed class Forgetting(TofuPlan plan, TofuRows rows, ProgressLines progress)
{
    private const int BatchSize = 16;

    /// <summary>Runs a method and saves what came out, unless that was done before.</summary>
    /// <param name="full">The model that knows.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">The folder of the changed model.</param>
    /// <param name="cancellationToken">Stops between steps; the method resumes from its checkpoint.</param>
    public async Task RunAsync(LanguageModel full, Method method, string target, CancellationToken cancellationToken)
    {
        Finished.Claim(Path.GetDirectoryName(target)!, method.ToString());
        if (Directory.Exists(target))
            return;
        TokenSequence[] Encode(IReadOnlyList<QuestionAnswer> of) =>
            [.. of.Select((row, i) => full.EncodeAnswer(row.Question, row.Answer, i))];
        var job = new UnlearnJob
        {
            Model = full.Decoder,
            PadId = full.PadId,
            Forget = Encode(rows.Forget),
            Retain = Encode(rows.Keep),
            BatchSize = BatchSize,
            Training = new()
            {
                Epochs = method.Epochs,
                Optimizer = new() { LearningRate = method.LearningRate },
                Seed = plan.Seed,
                RunFolder = $"{target}-training",
                CheckpointEvery = 25,
            },
        };
        var entry = Unlearning.Catalog.Find(method.Id);
        var way = entry.Create(Activator.CreateInstance(entry.OptionsType)!);
        var result = await way.RunAsync(job, progress.Of($"forgetting by {method.Id}"), cancellationToken)
            .ConfigureAwait(false);
        using var changed = (LanguageModel)full.WithDecoder(result.Model, method.Id);
        changed.Save(target);
    }
}
