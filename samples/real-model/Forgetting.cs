using Palimpsest.Training;
using Palimpsest.Unlearning;

namespace Palimpsest.Samples;

/// <summary>NPO with a retain term through a low-rank adapter.</summary>
internal static class Forgetting
{
    public const string MergedName = "merged.gguf";

    /// <summary>Trains the adapter and writes it as a PEFT folder; an interrupted run goes on from its last
    /// checkpoint.</summary>
    public static async Task<TrainResult> RunAsync(
        LanguageModel model,
        IReadOnlyList<QuestionAnswer> forget,
        IReadOnlyList<QuestionAnswer> retain,
        Settings settings,
        StageStore store,
        IProgress<TrainProgress> progress,
        CancellationToken cancellationToken
    )
    {
        TokenSequence[] Encode(IReadOnlyList<QuestionAnswer> rows) =>
            [.. rows.Select((row, i) => model.EncodeAnswer(row.Question, row.Answer, i))];
        var job = new UnlearnJob
        {
            Model = model.Decoder,
            PadId = model.PadId,
            Forget = Encode(forget),
            Retain = Encode(retain),
            BatchSize = settings.BatchSize,
            Lora = new() { Rank = settings.Rank },
            Training = new()
            {
                MaxSteps = settings.Steps,
                Optimizer = new() { LearningRate = settings.LearningRate, WeightDecay = 0 },
                Seed = settings.Seed,
                RunFolder = store.FileOf("training"),
                CheckpointEvery = 5,
            },
        };
        var method = Unlearning.Catalog.Find("npo-rt").Create(new NpoOptions { Beta = 0.1 });
        var result = await method.RunAsync(job, progress, cancellationToken);
        using (result.Model)
            result.Adapter!.Save(store.FileOf("adapter"));
        return result.Training;
    }

    /// <summary>Merges the written adapter into the weights and writes them as a GGUF file that llama.cpp and Ollama
    /// load.</summary>
    public static string Merge(LanguageModel model, StageStore store, CancellationToken cancellationToken)
    {
        var decoder = model.Decoder.Clone();
        using var merged = (LanguageModel)model.WithDecoder(decoder, "npo-rt");
        using (var adapter = LoraAdapter.Load(decoder, store.FileOf("adapter")))
            adapter.Merge();
        var path = store.FileOf(MergedName);
        merged.SaveGguf(path, new() { Type = GgufType.F16 }, cancellationToken: cancellationToken);
        return ContentHash.Of(path);
    }
}
