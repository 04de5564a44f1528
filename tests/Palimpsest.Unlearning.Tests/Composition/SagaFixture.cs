using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

/// <summary>A small model of generic stories about people with common names and of a saga with a plot and names of its
/// own.</summary>
public sealed class SagaFixture : IAsyncLifetime
{
    private const ulong Seed = 1;
    private const int Places = 10;

    private static readonly string[] Heroes =
    [
        "Velm",
        "Orrin",
        "Tasq",
        "Ylva",
        "Brund",
        "Quill",
        "Zeph",
        "Morn",
        "Iskra",
        "Pell",
        "Rook",
        "Thane",
    ];

    private static readonly string[] Common = ["Anna", "Tom", "Maria", "Paul", "Eva", "Jack", "Lena", "Mark"];
    private static readonly string[] Things = ["cup", "book", "coat", "key", "map", "lamp"];

    private readonly Tokenizer _words;
    private readonly HashSet<int> _heroes;
    private readonly TokenSequence[] _generic;

    public SagaFixture()
    {
        var random = new SeededRandom(Seed);
        string[] saga = [.. Enumerable.Range(0, 60).Select(Line)];
        string[] Told(int count) =>
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(_ =>
                        Sentence(
                            random.Below(Places),
                            Common[random.Below(Common.Length)],
                            Things[random.Below(Things.Length)],
                            Common[random.Below(Common.Length)]
                        )
                    ),
            ];
        var (stories, unseen) = (Told(300), Told(60));
        _words = WordLevelTrainer.Train([.. saga, .. stories], new());
        Saga = [.. saga.Select(Encode)];
        Stories = [.. stories.Select(Encode)];
        _generic = [.. unseen.Select(Encode)];
        _heroes = [.. Anchors.Select(anchor => Assert.Single(anchor.Term))];
        Model = new(
            DecoderConfig.TinyLlama(_words.VocabularySize, 32, 2, 4, 2, 64, 32) with
            {
                InitializerRange = 0.1,
            },
            Seed
        );
    }

    public CausalLM Model { get; }

    public TokenSequence[] Saga { get; }

    /// <summary>Stories that are not of the saga, which no model was trained on.</summary>
    public IReadOnlyList<TokenSequence> Unseen => _generic;

    private TokenSequence[] Stories { get; }

    /// <summary>Every name of the saga with a common one.</summary>
    public IReadOnlyList<TokenAnchor> Anchors =>
        new AnchorDictionary(Heroes.Select((hero, i) => new Anchor(hero, Common[i % Common.Length]))).Encode(_words);

    public UnlearnJob Job(int steps) =>
        new()
        {
            Model = Model,
            PadId = _words.PadId!.Value,
            Forget = Saga,
            BatchSize = 16,
            Training = new()
            {
                MaxSteps = steps,
                Optimizer = new() { LearningRate = 1e-3 },
                Seed = Seed,
            },
        };

    public async ValueTask InitializeAsync()
    {
        var training = new TrainOptions
        {
            MaxSteps = 300,
            Epochs = 100,
            Optimizer = new() { LearningRate = 3e-3 },
            Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 20 },
        };
        TokenSequence[] rows = [.. Saga, .. Stories];
        var source = new SequenceBatchSource(rows, 32, _words.PadId!.Value, 1);
        await new Trainer(training).RunAsync(Model, source, new NextTokenLoss());
        Model.eval();
    }

    /// <summary>Mean probability of all the saga's names together where it has one.</summary>
    public double CueProbability(CausalLM model)
    {
        var found = new List<double>();
        foreach (var (probabilities, row) in Probabilities(model, Saga))
        {
            for (var t = 1; t < row.Ids.Length; t++)
            {
                if (_heroes.Contains(row.Ids[t]))
                    found.Add(_heroes.Sum(name => (double)probabilities[t - 1][name]));
            }
        }

        return found.Average();
    }

    /// <summary>Mean NLL per token of stories that no model was trained on.</summary>
    public double StoryNll(CausalLM model) =>
        Probabilities(model, _generic)
            .SelectMany(pair =>
                Enumerable
                    .Range(1, pair.Row.Ids.Length - 1)
                    .Select(t => -Math.Log(pair.Probabilities[t - 1][pair.Row.Ids[t]]))
            )
            .Average();

    /// <summary>The model as one that answers; it shares the decoder.</summary>
    public LanguageModel Language() => new(Model, _words, "saga");

    public ValueTask DisposeAsync()
    {
        Model.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Line(int i) =>
        Sentence(
            i % Places,
            Heroes[i % Heroes.Length],
            Things[i / Places],
            Heroes[(i * 5 + i / Places + 1) % Heroes.Length]
        );

    private static string Sentence(int place, string giver, string thing, string taker) =>
        $"in town {(char)('a' + place)} {giver} gave the {thing} to {taker} and went home";

    private TokenSequence Encode(string text, int row) => new(_words.Encode(text), 1, row);

    private static IEnumerable<(float[][] Probabilities, TokenSequence Row)> Probabilities(
        CausalLM model,
        TokenSequence[] rows
    )
    {
        foreach (var row in rows)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var ids = tensor(row.Ids.Select(id => (long)id).ToArray(), [1, row.Ids.Length]);
            var all = model.Forward(new() { TokenIds = ids }).Logits![0].softmax(-1);
            yield return ([.. Enumerable.Range(0, row.Ids.Length).Select(t => all[t].data<float>().ToArray())], row);
        }
    }
}
