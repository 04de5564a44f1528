using Palimpsest.Inference;

namespace Palimpsest.Benchmarks;

/// <summary>Short sentences through a published sentence encoder.</summary>
/// <param name="path">all-MiniLM-L6-v2, or another BERT encoder's folder.</param>
internal sealed class EmbeddingSuite(string path)
{
    /// <summary>Its name on the command line.</summary>
    public const string Name = "embeddings";

    private const int Count = 512;
    private static readonly string[] Subjects =
    [
        "The baker",
        "My neighbour",
        "A tired sailor",
        "The old teacher",
        "Her sister",
        "Nobody",
        "The mayor",
        "An owl",
    ];
    private static readonly string[] Acts =
    [
        "sold bread",
        "wrote a letter",
        "lost the key",
        "crossed the river",
        "asked for help",
        "read the news",
        "fell asleep",
        "told the truth",
    ];
    private static readonly string[] Places =
    [
        "in the rain.",
        "on Monday morning.",
        "behind the church.",
        "for the third time.",
        "without a word.",
        "near the harbour.",
        "at the station.",
        "after the war.",
    ];

    public void Run(Report report)
    {
        using var generator = new SentenceEmbeddingGenerator(SentenceEncoder.Load(path));
        string[] sentences =
        [
            .. Enumerable.Range(0, Count).Select(i => $"{Subjects[i % 8]} {Acts[i / 8 % 8]} {Places[i / 64]}"),
        ];
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(5, () => generator.GenerateAsync(sentences).GetAwaiter().GetResult())[0]
        );
        report.Add(
            new()
            {
                Bench = Name,
                Size = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)),
                Setting = $"{Count} short sentences",
                Value = Count / seconds,
                Unit = "a second",
                Gflops = gflops,
                Against = "200 a second",
                Ratio = Count / seconds / 200,
                Goal = new(1, true),
            }
        );
    }
}
