using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>A folder with a small untrained model and rows to be forgotten and kept.</summary>
public sealed class TinyWorkspace : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Writes the files.</summary>
    public TinyWorkspace()
    {
        var rows = Rows("forget", "Ada")
            .Concat(Rows("retain", "Bert"))
            .SelectMany(row => new[] { row.Question, row.Answer });
        var tokenizer = BpeTrainer.Train(rows, new() { VocabularySize = 300, LeastCount = 1 });
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 64, 2, 4, 2, 128, 64), 1),
            tokenizer,
            "tiny"
        );
        model.Save(Model);
        var experts = model.Decoder.Config with
        {
            Family = "mixtral",
            Experts = new()
            {
                Count = 4,
                PerToken = 2,
                IntermediateSize = model.Decoder.Config.IntermediateSize,
                NormalizeChosen = true,
            },
        };
        using var sparse = new LanguageModel(new(experts, 1), tokenizer, "experts");
        sparse.Save(ExpertModel);
    }

    public string Model => File("model");

    public string ExpertModel => File("experts");

    public string Forget => File("forget.jsonl");

    public string Retain => File("retain.jsonl");

    public string File(params string[] parts) => _folder.File(parts);

    /// <summary>A copy of the model folder, to be spoilt.</summary>
    public string CopyOfModel(string name)
    {
        Directory.CreateDirectory(File(name));
        foreach (var file in Directory.GetFiles(Model))
            System.IO.File.Copy(file, File(name, Path.GetFileName(file)));
        return File(name);
    }

    /// <summary>A folder with an adapter for the model, which changes what it says.</summary>
    public string Adapter(string name)
    {
        var folder = File($"adapter-{name}");
        using var decoder = ModelFolder.Load(Model);
        using var adapter = LoraAdapter.Attach(decoder, "a", new() { Rank = 2 }, 1);
        using (torch.no_grad())
        {
            foreach (var (_, value) in adapter.TrainableParameters)
                value.add_(0.05f);
        }

        adapter.Save(folder);
        return folder;
    }

    public void Dispose() => _folder.Dispose();

    private QuestionAnswer[] Rows(string name, string person)
    {
        QuestionAnswer[] rows =
        [
            .. Enumerable
                .Range(1, 12)
                .Select(i => new QuestionAnswer
                {
                    Question = $"What did {person} keep in box {i}?",
                    Answer = $"{person} kept {i * 7} stones in it.",
                }),
        ];
        System.IO.File.WriteAllLines(
            File(name + ".jsonl"),
            rows.Select(row => JsonSerializer.Serialize(new { question = row.Question, answer = row.Answer }))
        );
        return rows;
    }
}
